"""Why were the last batches as they were? Answered from memory, and at debug in the log."""

from collections import deque
from dataclasses import asdict, dataclass

import structlog

from inference.scheduling.plan import Cut, Plan, Waiting

KEPT_PLANS = 256

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one plan was as it was."""

    at_s: float
    """Monotonic."""
    waiting: int
    batch: int
    bucket: int
    expired: int
    cut: Cut
    waits_s: float
    """How long it would wait for company."""
    oldest_s: float
    """How long the frame had waited that waited longest."""
    load: float
    """Device-seconds that a second of arriving frames needed."""


class Explanations:
    """The last `KEPT_PLANS` plans."""

    def __init__(self) -> None:
        self._last: deque[Explained] = deque(maxlen=KEPT_PLANS)

    def add(self, decided: Plan, waiting: list[Waiting], *, now_s: float, load: float) -> None:
        """Keep one plan."""
        explained = Explained(
            at_s=now_s,
            waiting=len(waiting),
            batch=len(decided.batch),
            bucket=decided.bucket,
            expired=len(decided.expired),
            cut=decided.cut,
            waits_s=0.0 if decided.wake_s is None else decided.wake_s - now_s,
            oldest_s=now_s - min((frame.arrived_s for frame in waiting), default=now_s),
            load=load,
        )
        self._last.append(explained)
        log.debug("batch_planned", **asdict(explained))

    def last(self) -> list[Explained]:
        """Return them, oldest first."""
        return list(self._last)

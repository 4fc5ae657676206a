"""Why were the last batches as they were? Answered from memory, and at debug in the log.

Written by the event loop, read by whoever looks at the page `/explain`.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from logging import DEBUG

import structlog
from rapt.explained import ExplainedPlan

from inference.engine.device import Timed
from inference.engine.held import Batch
from inference.scheduling.plan import Cut, Plan, Waiting

KEPT_PLANS = 256

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one plan was as it was, and how its batch went."""

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
    queue_s: float = 0.0
    """From the first arrival in the batch to its preparation; 0 before it is done."""
    prepare_s: float = 0.0
    run_s: float = 0.0


class Explanations:
    """The last `KEPT_PLANS` plans."""

    def __init__(self) -> None:
        self.on_ran: Callable[[Batch, Timed], None] | None = None
        """Told of each batch that was run, before its frames are answered."""
        self._last: deque[tuple[Plan, Explained]] = deque(maxlen=KEPT_PLANS)

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
        self._last.append((decided, explained))
        if log.is_enabled_for(DEBUG):  # else not even the fields are put together
            log.debug("batch_planned", **asdict(explained))

    def ran(self, batch: Batch, timed: Timed) -> None:
        """Note how the batch of a plan went; nobody's answer waits for what fails here."""
        queue_s, prepare_s = queued_s(batch, timed), timed.prepare_s
        for place in range(len(self._last) - 1, -1, -1):  # one of the last few
            decided, explained = self._last[place]
            if decided is batch.decided:
                done = replace(explained, queue_s=queue_s, prepare_s=prepare_s, run_s=timed.run_s)
                self._last[place] = (decided, done)
                break
        log.debug("batch_ran", queue_s=queue_s, prepare_s=prepare_s, run_s=timed.run_s)
        if self.on_ran is None:
            return
        try:
            self.on_ran(batch, timed)
        except Exception:  # what is told about a batch must not cost its answers
            log.exception("batch_not_told")

    def last(self) -> list[Explained]:
        """Return them, oldest first."""
        return [explained for _, explained in list(self._last)]

    def page(self) -> list[ExplainedPlan]:
        """Return them as the page `/explain` shows them; may be called in any thread."""
        now_s = time.monotonic()
        return [_row(explained, now_s) for explained in self.last()]


def queued_s(batch: Batch, timed: Timed) -> float:
    """Return from the first arrival in a batch to its preparation."""
    began_s = timed.started_s - timed.prepare_s
    return max(began_s - min((held.arrived_s for held in batch.members()), default=began_s), 0.0)


def _row(explained: Explained, now_s: float) -> ExplainedPlan:
    return ExplainedPlan(
        ago_s=now_s - explained.at_s,
        cut=explained.cut.value,
        waiting=explained.waiting,
        batch=explained.batch,
        bucket=explained.bucket,
        expired=explained.expired,
        load=explained.load,
        oldest_s=explained.oldest_s,
        waits_s=explained.waits_s,
        prepare_s=explained.prepare_s,
        queue_s=explained.queue_s,
        run_s=explained.run_s,
    )

"""Player events of one call: checked, written, acknowledged.

The acknowledgement rises only after the rows are on disk, or the event was refused.
An event that comes again is acknowledged again and otherwise ignored.
"""

import time
from collections.abc import Callable, Sequence

import structlog
from rapt.errors import RaptError, SpoolFull

from analytics.facts import Interaction, Row
from inference.messages import PlayerEvent, Shed, ShedReason
from inference.metrics import Metrics
from inference.sessions.session import LiveSession
from inference.sessions.sessions import RowWriter

log = structlog.get_logger()


class Hearing:
    """Keeps the events of one call."""

    def __init__(
        self,
        session: LiveSession,
        *,
        writer: RowWriter,
        metrics: Metrics,
        refuse: Callable[[Shed], None],
    ) -> None:
        self._session = session
        self._numbers = session.gate.numbers
        self._writer = writer
        self._metrics = metrics
        self._refuse = refuse

    async def keep(self, heard: Sequence[PlayerEvent | Shed]) -> None:
        """Write the good ones and settle all of them, in order of arrival."""
        interactions: list[Interaction] = []
        kept: list[int] = []
        for item in heard:
            self._metrics.events_received.inc()
            seq = item.seq if isinstance(item, PlayerEvent) else item.event_seq or 0
            if seq > 0 and not self._numbers.take(seq):  # 0 is no number, and always refused
                continue
            refused = self._refusal(item)
            if refused is not None:
                self._refuse(refused)
                self._numbers.settle(seq)
            elif isinstance(item, PlayerEvent):
                row = self._session.hear(item)
                interactions += [row] if row is not None else []
                kept.append(seq)
        if kept:
            await self._save(interactions, kept)

    def _refusal(self, item: PlayerEvent | Shed) -> Shed | None:
        if isinstance(item, Shed):
            return item
        now_us = time.time_ns() // 1000 + self._session.ahead_us
        return self._session.gate.rule(item, now_us=now_us, now_s=time.monotonic())

    async def _save(self, interactions: list[Interaction], kept: list[int]) -> None:
        """Write the events and, because it holds what they say was played, the session."""
        rows: list[Row] = [*interactions, self._session.row(time.monotonic())]
        unsettled = list(kept)
        try:
            saved = await self._writer.save(rows)
        except SpoolFull as full:
            self._session.row_lost()
            for seq in kept:
                self._refuse(Shed(ShedReason.REFUSED_SPOOL_FULL, str(full), event_seq=seq))
        except (RaptError, OSError):
            log.exception("events_not_saved", events=len(kept))
            self._session.row_lost()
            detail = "our fault; the event is not on disk, send it again"
            for seq in kept:
                self._refuse(Shed(ShedReason.REFUSED_FAULT, detail, event_seq=seq))
        else:
            self._session.interactions_written += min(len(interactions), saved)
            unsettled = []
        finally:
            # Also when the call is cut in the middle: they are not on disk, so they may come again.
            for seq in unsettled:
                self._numbers.give_back(seq)
        for seq in kept:
            if seq not in unsettled:
                self._numbers.settle(seq)

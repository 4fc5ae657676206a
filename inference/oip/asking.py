"""One request of a client, between its arrival and its one reply.

Its rows run on their own, perhaps in different batches; when the last one is there the reply is
made, and the first one that fails answers for all. A row that nobody waits for leaves the engine.

A request and its rows know each other. When it is over it forgets them, so that it goes at once,
with its tensors, and the collector never has to look for it.
"""

import itertools
import time
from collections.abc import Callable, Sequence

from rapt.deadline import Deadline
from rapt.errors import (
    Fault,
    InvalidMessage,
    PoolFull,
    QuotaSpent,
    RaptError,
    TooLate,
    Unavailable,
)

from inference.messages import ShedReason
from inference.oip.models import Asked, Reply
from inference.oip.replies import Replies
from inference.oip.statistics import Statistics
from inference.oip.tensors import Row

numbers = itertools.count(-1, -1)
"""Numbers of the owners of rows: below zero, where no stream has one."""


class Gathering:
    """The rows of one request, until all are there."""

    def __init__(
        self, asked: Asked, rows: int, *, replies: Replies, statistics: Statistics, reply: Reply
    ) -> None:
        """Wait for rows.

        Raises:
            InvalidMessage: an output is wanted that the model does not have.
        """
        self.asked = asked
        self.deadline = Deadline(asked.arrived_s + asked.parameters.timeout_s)
        self.is_over = False
        self.withdraw: Callable[[], None] | None = None
        """Takes the rows that still wait out of their engine."""
        self._wanted = replies.wanted(asked.request)
        self._replies = replies
        self._statistics = statistics
        self._reply = reply
        self._rows: list[Sequence[Row] | None] = [None] * rows
        self._missing = rows
        self._started_s = 0.0

    def take(self, index: int, row: Sequence[Row], *, started_s: float) -> None:
        """Take one row's result; the last one makes the reply."""
        now_s = time.monotonic()
        self._statistics.ran(started_s=started_s, ended_s=now_s)
        if self.is_over:
            return
        self._started_s = self._started_s or started_s
        self._rows[index] = row
        self._missing -= 1
        if self._missing == 0:
            self.is_over, self.withdraw = True, None
            rows = [row for row in self._rows if row is not None]
            reply = self._replies.make(self.asked.request, self._wanted, rows)
            self._statistics.succeeded(
                arrived_s=self.asked.arrived_s, started_s=self._started_s, ended_s=now_s
            )
            self._reply(reply)

    def fail(self, error: RaptError) -> None:
        """Answer with an error; the other rows are not needed any more."""
        if not self.is_over:
            self.cancel()
            self._statistics.failed(arrived_s=self.asked.arrived_s)
            self._reply(error)

    def cancel(self) -> None:
        """Expect nothing more and tell nobody."""
        withdraw, self.withdraw = self.withdraw, None
        self.is_over = True
        if withdraw is not None:
            withdraw()


def error_of(reason: ShedReason, detail: str) -> RaptError:
    """Return the error that tells a client why a row was not run."""
    if reason in (ShedReason.EXPIRED, ShedReason.SUPERSEDED):
        return TooLate(detail)
    if reason is ShedReason.REFUSED_QUOTA:
        return QuotaSpent(detail)
    if reason is ShedReason.REFUSED_POOL_FULL:
        return PoolFull(detail)
    if reason is ShedReason.CANCELLED:
        return Unavailable(detail)
    if reason.name.startswith("REJECTED_"):
        return InvalidMessage(detail)
    return Fault(detail)

"""A row of a request as the engine sees it: an owner that has exactly one thing to be run."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rapt.errors import RaptError

from inference.engine.engine import Engine, Held
from inference.messages import ShedReason
from inference.oip.asking import Gathering, error_of, numbers
from inference.oip.tensors import Row

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")


class LoneRow(Generic[JobT, ResultT]):
    """A row that stands alone: it has no past, and nothing supersedes it."""

    __slots__ = ("_gathering", "_index", "_job", "_tell", "number", "served_at_s", "tenant")

    cost = 1

    def __init__(
        self,
        gathering: Gathering,
        index: int,
        job: JobT,
        tell: Callable[[ResultT], Sequence[Row]],
    ) -> None:
        """Wait for one row.

        Args:
            gathering: its request.
            index: its place in it.
            job: what the device is given.
            tell: turns the device's result into the row of each output; may raise a RaptError.
        """
        asked = gathering.asked
        self.number = next(numbers)
        self.tenant = asked.tenant_id
        self.served_at_s = asked.arrived_s - asked.parameters.head_start_s
        self._gathering = gathering
        self._index = index
        self._job = job
        self._tell = tell

    def job(self, held: Held) -> JobT:
        """Return what the device is given."""
        del held
        return self._job

    def answer(self, held: Held, result: ResultT, *, started_s: float) -> None:
        """Take what the device said."""
        del held
        try:
            row = self._tell(result)
        except RaptError as error:
            self._gathering.fail(error)
        else:
            self._gathering.take(self._index, row, started_s=started_s)

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Take that the device will say nothing."""
        del held
        self._gathering.fail(error_of(reason, detail))


def offer_rows(
    engine: Engine,
    gathering: Gathering,
    jobs: Sequence[JobT],
    tell: Callable[[ResultT], Sequence[Row]],
) -> None:
    """Put the rows of a request into the engine's mailboxes."""
    rows = [LoneRow(gathering, index, job, tell) for index, job in enumerate(jobs)]

    def withdraw() -> None:
        for row in rows:
            engine.leave(row)

    gathering.withdraw = withdraw
    for row in rows:
        engine.offer(hold(row, gathering))


def hold(owner: LoneRow[JobT, ResultT], gathering: Gathering) -> Held:
    """Return the engine's slip for a row."""
    arrived_s = gathering.asked.arrived_s
    return Held(owner, None, arrived_s, 0.0, gathering.deadline)

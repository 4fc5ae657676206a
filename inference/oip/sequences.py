"""One sequence of the model `face`: the requests of one person's camera, in order, with a memory.

It stands before the engine like a stream. Its requests wait in a line and are offered one at a
time, so each finds the track and the baseline that the one before it left. Only with
`rapt_newest_only` is a waiting request replaced: that is the mailbox of a stream.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rapt.errors import RaptError, TooLate

from inference.attention.judge import Memory, judge
from inference.engine.engine import Engine, Held
from inference.messages import ShedReason
from inference.oip.asking import Gathering, error_of, numbers
from inference.oip.face import readable, row_of
from inference.perception.pipeline import Look, Seen, Track, Unreadable
from inference.scheduling.freshness import Freshness

_SUPERSEDED = "a newer frame came first"


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One request of the sequence."""

    gathering: Gathering
    image: bytes
    taken_s: float
    """When the picture was taken, on our clock."""


class Sequence:
    """Follows one face from request to request."""

    def __init__(self, engine: Engine, *, tenant: int, now_s: float) -> None:
        self.number = next(numbers)
        self.tenant = tenant
        self.cost = 1
        self.served_at_s = now_s
        self.asked_at_s = now_s
        """When its last request came."""
        self._engine = engine
        self._line: deque[Turn] = deque()
        self._offered: dict[Held, Turn] = {}
        self._freshness = Freshness()
        self._track: Track | None = None
        self._memory = Memory.new()

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is under way."""
        return not self._line and not self._offered

    def ask(self, gathering: Gathering, image: bytes) -> None:
        """Take its next request."""
        asked = gathering.asked
        self.asked_at_s = asked.arrived_s
        turn = Turn(gathering, image, self._taken_s(asked.arrived_s, asked.parameters.captured_us))
        gathering.withdraw = self._withdrawing(turn)
        is_newest_only = asked.parameters.newest_only
        if is_newest_only:
            self._supersede()
        offered = [turn.gathering.asked.parameters for turn in self._offered.values()]
        if not self._line and all(one.newest_only for one in offered) and is_newest_only:
            self._offer(turn)  # the engine replaces the one that waits there
        else:
            self._line.append(turn)
            self._go_on()

    # What the engine asks.

    def job(self, held: Held) -> Look:
        """Return what the pipeline needs to look at this frame now."""
        turn = self._offered[held]
        return Look(turn.image, self._track, at_s=turn.taken_s)

    def answer(self, held: Held, result: Seen | Unreadable, *, started_s: float) -> None:
        """Judge what was seen and say so."""
        turn = self._offered.pop(held)
        self.served_at_s = time.monotonic()
        try:
            seen = readable(result)
            self._memory, judgement = judge(self._memory, seen.observation, turn.taken_s)
            self._track = seen.track
            turn.gathering.take(0, row_of(judgement, seen.observation), started_s=started_s)
        except RaptError as error:
            turn.gathering.fail(error)
        finally:
            self._go_on()

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Say that a request will not be answered."""
        turn = self._offered.pop(held, None)
        if turn is not None:
            turn.gathering.fail(error_of(reason, detail))
            self._go_on()

    # The line.

    def _go_on(self) -> None:
        """Offer the next request when none is under way."""
        if self._line and not self._offered:
            self._offer(self._line.popleft())

    def _offer(self, turn: Turn) -> None:
        held = Held(self, None, turn.gathering.asked.arrived_s, 0.0, turn.gathering.deadline)
        self._offered[held] = turn
        self._engine.offer(held)

    def _supersede(self) -> None:
        """Answer those in the line that a newer request replaces."""
        for turn in list(self._line):
            if turn.gathering.asked.parameters.newest_only:
                turn.gathering.fail(TooLate(_SUPERSEDED))

    def _withdrawing(self, turn: Turn) -> Callable[[], None]:
        def withdraw() -> None:
            if turn in self._line:
                self._line.remove(turn)
            elif list(self._offered.values()) == [turn]:  # else another one is with it
                self._engine.leave(self)

        return withdraw

    def _taken_s(self, arrived_s: float, captured_us: int | None) -> float:
        if captured_us is None:
            return arrived_s
        captured_s = captured_us / 1_000_000
        return arrived_s - self._freshness.excess_s(arrived_s=arrived_s, captured_s=captured_s)

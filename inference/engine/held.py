"""A frame between its arrival and its outcome: whose it is, when it came, which batch it is in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rapt.deadline import Deadline

from inference.messages import Frame, ShedReason
from inference.scheduling.plan import Plan, Waiting

OUR_FAULT = "our fault; send the next frame"


class Owner(Protocol):
    """Whose frame it is: a stream, or a request that stands alone.

    The engine knows nothing of faces: what a device takes and gives is between it and the owners.
    """

    @property
    def number(self) -> int:
        """Which owner, in this process; a newer frame of the same one supersedes."""

    @property
    def tenant(self) -> int:
        """Whose share of the device it uses."""

    @property
    def cost(self) -> int:
        """Faces that a frame is expected to show."""

    @property
    def served_at_s(self) -> float:
        """When it last got an answer, or began."""

    def job(self, held: "Held") -> Any:
        """Return what the device needs, as late as can be: what the last frame showed counts."""

    def answer(self, held: "Held", result: Any, *, started_s: float) -> None:
        """Take what came out."""

    def shed(self, held: "Held", reason: ShedReason, detail: str) -> None:
        """Take that nothing will."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A frame between its arrival and its outcome."""

    owner: Owner
    frame: Frame | None
    """None for a request that is no frame of a camera."""
    arrived_s: float
    excess_s: float
    deadline: Deadline

    def waiting(self) -> Waiting:
        """Return it as the plan sees it."""
        return Waiting(
            stream=self.owner.number,
            deadline_s=self.deadline.at_s,
            served_at_s=self.owner.served_at_s,
            sequence=0 if self.frame is None else self.frame.sequence,
            tenant=self.owner.tenant,
            arrived_s=self.arrived_s,
            cost=self.owner.cost,
        )


class Batch:
    """Frames on their way through the device. Each leaves it once, with or without a result."""

    def __init__(
        self, members: Sequence[Held], decided: Plan, *, due_s: float | None = None
    ) -> None:
        self.decided = decided
        self.due_s = due_s
        """When it should have been formed, monotonic; a busy loop is later."""
        self.started_s: float | None = None
        """When the device began with it."""
        self.is_run = False
        """Whether the device is done with it; its answers may still be on their way."""
        self._members: list[Held | None] = list(members)

    def members(self) -> list[Held]:
        """Return the frames that still wait for their outcome."""
        return [held for held in self._members if held is not None]

    def seal(self) -> list[Held]:
        """Return the frames that it is run for; from now on nobody's place changes."""
        self._members = list(self.members())
        return self.members()

    def begin(self, now_s: float) -> bool:
        """Note when the device begins; False when nobody waits any more, so that it need not."""
        self.started_s = now_s
        return any(held is not None for held in self._members)

    def over_at_s(self, free_s: float, took_s: Callable[[int], float]) -> float:
        """When will the device be done with it and all before it?

        Args:
            free_s: when it is done with those before.
            took_s: how long a run of a bucket takes, seconds.
        """
        if self.is_run:
            return free_s
        began_s = free_s if self.started_s is None else self.started_s
        return max(free_s, began_s + self.decided.runs * took_s(self.decided.bucket))

    def pair(self, results: Sequence[Any]) -> list[tuple[Held, Any]]:
        """Return each frame that still waits with its result."""
        pairs = zip(self._members, results, strict=True)
        return [(held, result) for held, result in pairs if held is not None]

    def take(self, place: int) -> Held | None:
        """Take one frame out for its outcome; None when it has left."""
        held, self._members[place] = self._members[place], None
        return held

    def take_all(self) -> list[Held]:
        """Take out every frame."""
        left = self.members()
        self._members = [None] * len(self._members)
        return left

    def take_of(self, owner: Owner) -> list[Held]:
        """Take out the frames of an owner that is gone."""
        gone = [held for held in self.members() if held.owner is owner]
        self._members = [None if held in gone else held for held in self._members]
        return gone

    def fail(self) -> None:
        """Tell everyone who still waits that it went wrong."""
        for held in self.take_all():
            held.owner.shed(held, ShedReason.REFUSED_FAULT, OUR_FAULT)

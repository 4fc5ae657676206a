"""A frame between its arrival and its outcome."""

from hypothesis import given
from hypothesis import strategies as st
from rapt.deadline import Deadline

from inference.engine.held import Batch, Held
from inference.messages import Frame, ShedReason
from inference.scheduling.plan import Cut, Plan
from inference.scheduling.shares import EQUAL

PLAN = Plan((), 4, (), Cut.IDLE, None, EQUAL)


class Nobody:
    """Owns frames, and does nothing with them."""

    tenant = 7
    cost = 3
    served_at_s = 1.5

    def __init__(self, number: int) -> None:
        self.number = number

    def job(self, held: Held) -> object:
        """Ask for nothing."""
        return held

    def answer(self, held: Held, result: object, *, started_s: float) -> None:
        """Hear nothing."""

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Hear nothing."""


def held_of(owner: Nobody) -> Held:
    """Return a frame."""
    return Held(owner, Frame(5, 0, 1000, b""), 2.0, 0.1, Deadline(3.0))


def test_the_plan_sees_a_frame_as_its_owner_says() -> None:
    """Stream, tenant, cost and last verdict are the owner's; times are the frame's."""
    seen = held_of(Nobody(9)).waiting()
    assert (seen.stream, seen.tenant, seen.cost, seen.served_at_s) == (9, 7, 3, 1.5)
    assert (seen.sequence, seen.arrived_s, seen.deadline_s) == (5, 2.0, 3.0)


@given(st.lists(st.integers(0, 5), max_size=12), st.lists(st.integers(0, 5), max_size=8), st.data())
def test_each_frame_leaves_a_batch_once(
    owners: list[int], leavers: list[int], data: st.DataObject
) -> None:
    """Answered by place or gone with its owner, whatever the order; places never move."""
    known = {number: Nobody(number) for number in range(6)}
    helds = [held_of(known[number]) for number in owners]
    batch = Batch(helds, PLAN)
    assert batch.seal() == helds
    steps = [("leave", number) for number in leavers] + [("take", n) for n in range(len(helds))]
    out: list[Held] = []
    for kind, number in data.draw(st.permutations(steps)):
        if kind == "leave":
            out += batch.take_of(known[number])
            continue
        held = batch.take(number)
        assert held is None or held is helds[number]
        out += [] if held is None else [held]
    assert sorted(map(id, out)) == sorted(map(id, helds))
    assert batch.members() == batch.take_all() == []


def test_a_batch_need_not_begin_when_nobody_waits_for_it() -> None:
    """Asked at the last moment."""
    owner = Nobody(1)
    batch = Batch([held_of(owner)], PLAN)
    assert batch.begin(1.0)
    batch.take_of(owner)
    assert not batch.begin(2.0)

"""The frame that waits, and those at the worker."""

from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2 as perception

from gateway.viewing.frame_slot import MAX_UNDER_WAY, FrameSlot


def test_the_newest_frame_wins() -> None:
    """The one that it replaces is named."""
    slot = FrameSlot()
    assert slot.hold(perception.Frame(sequence=1), 0.0) is None
    assert slot.hold(perception.Frame(sequence=2), 0.0) == 1
    taken = slot.take(0.0)
    assert taken is not None
    assert taken.sequence == 2
    assert slot.take(0.0) is None


def test_waiting_costs_budget() -> None:
    """The worker gets what is left; a frame past its budget is dropped."""
    slot = FrameSlot()
    slot.hold(perception.Frame(sequence=1, budget_ms=500), 10.0)
    assert slot.expire(10.2) is None
    taken = slot.take(10.2)
    assert taken is not None
    assert taken.budget_ms == 300
    slot.hold(perception.Frame(sequence=2), 10.0)
    assert slot.expire(10.9) is None
    assert slot.expire(11.0) == 2


@given(st.lists(st.sampled_from(["hold", "take", "answer", "lose"]), max_size=100))
def test_each_frame_leaves_once(steps: list[str]) -> None:
    """Every frame is replaced, answered or lost, and nothing twice."""
    slot = FrameSlot()
    left: list[int] = []
    at_worker: list[int] = []
    sequence = 0
    for step in steps:
        if step == "hold":
            sequence += 1
            replaced = slot.hold(perception.Frame(sequence=sequence), 0.0)
            left += [] if replaced is None else [replaced]
        elif step == "take":
            frame = slot.take(0.0)
            at_worker += [] if frame is None else [frame.sequence]
        elif step == "answer" and at_worker:
            slot.answered(at_worker[0])
            left.append(at_worker.pop(0))
        elif step == "lose":
            left += slot.lose_under_way()
            at_worker.clear()
    waiting = slot.drop()
    left += slot.lose_under_way() + ([] if waiting is None else [waiting])
    assert sorted(left) == list(range(1, sequence + 1))


def test_what_is_remembered_is_bounded() -> None:
    """A browser that ignores its credit makes nothing grow."""
    slot = FrameSlot()
    for sequence in range(1, 1000):
        slot.hold(perception.Frame(sequence=sequence), 0.0)
        slot.take(0.0)
    assert len(slot.lose_under_way()) == MAX_UNDER_WAY

"""The frame that waits, and those at the worker."""

from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2 as perception

from gateway.viewing.frame_slot import MAX_CREDITS, SLACK_S, FrameSlot


def _slot(credit: int) -> FrameSlot:
    """Return one whose worker gives so many credits."""
    slot = FrameSlot()
    slot.keep_to(perception.Control(credits=credit))
    return slot


def _offer(slot: FrameSlot, sequence: int, now_s: float = 0.0) -> bool:
    """Hold a frame, and tell whether it goes to the worker at once."""
    slot.hold(perception.Frame(sequence=sequence), now_s)
    return slot.take() is not None


def test_the_newest_frame_wins() -> None:
    """The one that it replaces is named."""
    slot = FrameSlot()
    assert slot.hold(perception.Frame(sequence=1), 0.0) is None
    assert slot.hold(perception.Frame(sequence=2), 0.0) == 1
    taken = slot.take()
    assert taken is not None
    assert taken.sequence == 2
    assert slot.take() is None


def test_a_frame_waits_as_long_as_its_budget_and_takes_all_of_it_along() -> None:
    """The worker sees itself how much later than usual it comes; past its budget it is dropped."""
    slot = FrameSlot()
    slot.hold(perception.Frame(sequence=1, budget_ms=500), 10.0)
    assert slot.expire(10.2) is None
    taken = slot.take()
    assert taken is not None
    assert taken.budget_ms == 500
    slot.hold(perception.Frame(sequence=2), 10.0)
    assert slot.expire(10.9) is None
    assert slot.expire(11.0) == 2


def test_one_is_under_way_until_the_worker_says_otherwise() -> None:
    """And again with the next worker, which has said nothing yet."""
    slot = FrameSlot()
    assert [_offer(slot, sequence) for sequence in (1, 2)] == [True, False]
    slot.keep_to(perception.Control(credits=2))
    assert slot.is_due
    assert [_offer(slot, sequence) for sequence in (3, 4)] == [True, False]
    assert slot.lose_under_way() == [1, 3]
    assert [_offer(slot, sequence) for sequence in (5, 6)] == [True, False]


def test_no_credits_is_a_pause() -> None:
    """The newest frame waits for it to end, as long as its budget lasts."""
    slot = _slot(0)
    assert not _offer(slot, 1)
    assert not slot.is_due
    slot.keep_to(perception.Control(credits=1))
    assert slot.is_due
    slot.keep_to(perception.Control(credits=0))
    assert slot.take() is None
    assert slot.wait_s(0.75) == 0.25
    assert slot.expire(1.0) == 1


def test_more_credits_than_the_contract_allows_are_not_used() -> None:
    """Whatever a worker says, little can be stale."""
    slot = _slot(1000)
    assert sum(_offer(slot, sequence) for sequence in range(1, 9)) == MAX_CREDITS


def test_a_known_outcome_gives_the_credit_back_before_the_answer_comes() -> None:
    """The answer is waited for all the same, and is no second credit."""
    slot = FrameSlot()
    assert _offer(slot, 1)
    slot.keep_to(perception.Control(credits=1, acked_sequence=1))
    assert _offer(slot, 2)
    assert slot.answered(1)
    assert not _offer(slot, 3)


def test_a_number_that_goes_back_is_not_acknowledged_beforehand() -> None:
    """Else a browser that counts down would have as many under way as it likes."""
    slot = FrameSlot()
    assert _offer(slot, 100)
    slot.keep_to(perception.Control(credits=1, acked_sequence=100))
    assert slot.answered(100)
    assert _offer(slot, 5)
    slot.keep_to(perception.Control(credits=1, acked_sequence=100))
    assert not _offer(slot, 4)
    assert slot.answered(5)
    assert slot.is_due


def test_a_worker_that_never_answers_does_not_keep_the_credit() -> None:
    """The frame is given up when its budget has passed, and some slack; once."""
    slot = FrameSlot()
    assert _offer(slot, 1)
    late_s = 1.0 + SLACK_S
    assert slot.wait_s(0.0) == late_s
    assert slot.give_up(late_s - 0.01) == []
    assert not _offer(slot, 2, late_s - 0.01)
    assert slot.give_up(late_s) == [1]
    assert slot.take() is not None
    assert not slot.answered(1)
    assert not slot.is_due
    assert slot.lose_under_way() == [2]


@given(
    st.lists(st.sampled_from(["hold", "take", "answer", "lose", "ack", "late"]), max_size=100),
    st.integers(0, 3),
)
def test_each_frame_leaves_once(steps: list[str], credit: int) -> None:
    """Replaced, expired, answered, given up or lost; and never too many are at the worker."""
    slot = _slot(credit)
    left: list[int] = []
    at_worker: list[int] = []
    sequence = acked = 0
    now_s = 0.0
    for step in steps:
        if step == "hold":
            sequence += 1
            replaced = slot.hold(perception.Frame(sequence=sequence), now_s)
            left += [] if replaced is None else [replaced]
        elif step == "take":
            frame = slot.take()
            at_worker += [] if frame is None else [frame.sequence]
        elif step == "answer" and at_worker:
            assert slot.answered(at_worker[0])
            left.append(at_worker.pop(0))
        elif step == "ack" and at_worker:
            acked = at_worker[0]
            slot.keep_to(perception.Control(credits=credit, acked_sequence=acked))
        elif step == "late":
            now_s += 2.0
            expired = slot.expire(now_s)
            given_up = slot.give_up(now_s)
            left += given_up + ([] if expired is None else [expired])
            at_worker = [each for each in at_worker if each not in given_up]
        elif step == "lose":
            left += slot.lose_under_way()
            at_worker.clear()
            acked = 0
            slot.keep_to(perception.Control(credits=credit))
        assert sum(each > acked for each in at_worker) <= min(credit, MAX_CREDITS)
    waiting = slot.drop()
    left += slot.lose_under_way() + ([] if waiting is None else [waiting])
    assert sorted(left) == list(range(1, sequence + 1))

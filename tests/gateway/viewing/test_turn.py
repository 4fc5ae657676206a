"""Whose turn it is to carry a session."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.viewing.turn import FIRST_WAIT_S, MAX_REFUSALS, Turn

ORDER = ["a", "b", "c"]


def test_the_first_in_order_is_asked_first() -> None:
    """And again when its call is over for a while."""
    turn = Turn()
    assert turn.next(ORDER, 0.0) == "a"
    turn.left("a", 10.0, for_s=0.0)
    assert turn.next(ORDER, 10.0) == "b"
    assert turn.next(ORDER, 10.0 + FIRST_WAIT_S) == "a"


def test_a_refusal_sends_to_the_second_at_once() -> None:
    """How long the first wants to be left alone is its own affair."""
    turn = Turn()
    turn.refused("a", 0.0, for_s=5.0)
    assert turn.next(ORDER, 0.0) == "b"
    assert turn.next(["a"], 4.9) is None
    assert turn.next(["a"], 5.0) == "a"


def test_a_full_pool_is_not_asked_for_ever() -> None:
    """After two refusals the session waits; then it tries again."""
    turn = Turn()
    for address in ORDER[:MAX_REFUSALS]:
        assert turn.next(ORDER, 0.0) == address
        turn.refused(address, 0.0, for_s=5.0)
    assert turn.next(ORDER, 0.0) is None
    wait_s = turn.wait_s(ORDER, 0.0)
    assert 0 < wait_s <= 5.0
    assert turn.next(ORDER, wait_s) == "c"


def test_one_worker_alone_is_waited_for_as_long_as_it_asks() -> None:
    """There is nobody else."""
    turn = Turn()
    turn.refused("a", 0.0, for_s=5.0)
    assert turn.next(["a"], 0.0) is None
    assert turn.wait_s(["a"], 0.0) == 5.0


def test_without_any_worker_the_waits_grow() -> None:
    """And stay bounded."""
    turn = Turn()
    waits_s = [turn.wait_s([], 0.0) for _ in range(20)]
    assert waits_s[0] < 0.5
    assert min(waits_s[5:]) >= 0.5
    assert max(waits_s) <= 1.5


@given(st.lists(st.tuples(st.sampled_from(ORDER), st.floats(0, 10), st.booleans()), max_size=30))
def test_who_wants_to_be_left_alone_is(steps: list[tuple[str, float, bool]]) -> None:
    """Nobody is asked before the time that it named."""
    turn, now_s, until_s = Turn(), 0.0, dict.fromkeys(ORDER, 0.0)
    for address, for_s, was_opened in steps:
        asked = turn.next(ORDER, now_s)
        if asked is None:
            now_s += turn.wait_s(ORDER, now_s)
            continue
        assert until_s[asked] <= now_s
        (turn.left if was_opened else turn.refused)(address, now_s, for_s=for_s)
        until_s[address] = now_s + for_s

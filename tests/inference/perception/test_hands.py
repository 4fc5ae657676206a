"""Many hands for small independent pieces of work."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.hands import LEAST_ITEMS, Hands


@pytest.fixture(params=[1, 3])
def hands(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """One thread, and several."""
    made = Hands(request.param)
    yield made
    made.close()


@given(st.lists(st.integers(), max_size=40), st.integers(1, 5))
def test_everything_is_done_once_and_in_order(items: list[int], threads: int) -> None:
    """However the work is dealt out."""
    hands = Hands(threads)
    try:
        assert hands.map(lambda item: 2 * item, items) == [2 * item for item in items]
    finally:
        hands.close()


def test_a_fault_of_one_piece_is_the_callers(hands: Hands) -> None:
    """It is raised where the work was asked for, as if it had been done there."""

    def work(item: int) -> int:
        return 1 // item

    with pytest.raises(ZeroDivisionError):
        hands.map(work, [1, 1, 1, 1, 0, 1, 1])


def test_pieces_run_beside_each_other() -> None:
    """Two that wait for each other both end."""
    hands = Hands(2)
    both = threading.Barrier(2, timeout=60)
    try:
        found = hands.map(lambda item: item % 3 == 0 and both.wait() >= 0, range(LEAST_ITEMS))
    finally:
        hands.close()
    assert found == [True, False, False, True]

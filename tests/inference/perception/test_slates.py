"""Memory for pictures that is written over by the next ones."""

import numpy as np

from inference.perception.slates import MAX_KEPT, SLATE_BYTES, Slates


def test_a_slate_is_lent_to_one_batch_at_a_time() -> None:
    """Those who borrow at the same time never share; those who come later do."""
    slates = Slates()
    one, other = slates.borrow(), slates.borrow()
    first, second = one.take(100), other.take(100)
    assert not np.shares_memory(first, second)
    assert not np.shares_memory(first, one.take(100))
    other.give_back()
    assert np.shares_memory(one.take(SLATE_BYTES), second)


def test_giving_back_twice_is_giving_back_once() -> None:
    """A batch that is run again does not lend what others have by now."""
    slates = Slates()
    batch = slates.borrow()
    slate = batch.take(1)
    batch.give_back()
    batch.give_back()
    later = slates.borrow()
    assert np.shares_memory(later.take(1), slate)
    assert not np.shares_memory(later.take(1), slate)


def test_large_pictures_get_memory_of_their_own() -> None:
    """It is as large as they need, and is not kept."""
    slates = Slates()
    batch = slates.borrow()
    large = batch.take(SLATE_BYTES + 1)
    assert large.size == SLATE_BYTES + 1
    batch.give_back()
    assert not np.shares_memory(slates.borrow().take(1), large)


def test_no_more_are_kept_than_two_batches_need() -> None:
    """A burst does not hold its memory for ever."""
    slates = Slates()
    batch = slates.borrow()
    for _ in range(MAX_KEPT + 5):
        batch.take(1)
    batch.give_back()
    assert len(slates._free) == MAX_KEPT

"""Budgets and deadlines."""

from hypothesis import given
from hypothesis import strategies as st
from rapt.deadline import DEFAULT_BUDGET_MS, MAX_BUDGET_MS, Deadline, budget_of


@given(st.integers(0, 2**32 - 1))
def test_every_budget_is_bounded(asked_ms: int) -> None:
    """None at all is the default, too much is the most."""
    budget_ms = budget_of(asked_ms)
    assert budget_ms == (min(asked_ms, MAX_BUDGET_MS) if asked_ms else DEFAULT_BUDGET_MS)


@given(st.integers(1, MAX_BUDGET_MS), st.floats(0, 1e6), st.floats(0, 100))
def test_a_deadline_is_past_when_nothing_is_left(
    budget_ms: int, now_s: float, later_s: float
) -> None:
    """It is made on arrival and never moves."""
    deadline = Deadline.after(budget_ms, now_s=now_s)
    assert not deadline.is_past(now_s)
    assert deadline.is_past(now_s + later_s) == (deadline.left_s(now_s + later_s) <= 0)

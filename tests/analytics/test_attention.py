"""Attention and pulse against their definitions."""

from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.attention import PULSE_S, mean_of_user_means, pulse

scores = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(0, 40)),
    st.none() | st.integers(0, 100),
    max_size=60,
)


def test_a_person_who_watches_twice_weighs_once() -> None:
    """Mean of user means: 1.0 once and 0.0 nine times is a half."""
    found = mean_of_user_means(np.array([0, 0]), np.array([100, 0]), np.array([1, 9]), bins=2)
    assert found.mean[0] == 0.5
    assert found.n.tolist() == [2, 0]
    assert np.isnan(found.mean[1])


def test_pairs_outside_of_the_content_are_left_out() -> None:
    """A fact past the end adds no bin."""
    found = mean_of_user_means(
        np.array([-1, 0, 5]), np.array([9, 80, 9]), np.array([1, 1, 1]), bins=1
    )
    assert found.mean.tolist() == [0.8]


@given(scores)
def test_the_pulse_is_its_definition(rows: dict[tuple[int, int], int | None]) -> None:
    """Median over those present of the mean of their scores in the last fifteen seconds."""
    keys = sorted(rows, key=lambda key: (key[1], key[0]))
    found = pulse(
        np.array([user for user, _ in keys], np.uint64),
        np.array([at_s for _, at_s in keys], np.int64),
        np.array([np.nan if rows[key] is None else rows[key] for key in keys], np.float64),
    )
    if not rows:
        assert len(found.at_s) == 0
        return
    seconds = range(keys[0][1], keys[-1][1] + 1)
    assert found.at_s.tolist() == list(seconds)
    for index, now in enumerate(seconds):
        present = [user for user, at_s in rows if at_s == now]
        own = [_trailing(rows, user, now) for user in present]
        known = sorted(value for value in own if value is not None)
        assert found.present[index] == len(present)
        assert found.n[index] == len(known)
        if known:
            assert found.median[index] == pytest.approx(float(np.median(known)))
            assert found.low[index] == pytest.approx(float(np.percentile(known, 25)))
            assert found.high[index] == pytest.approx(float(np.percentile(known, 75)))
        else:
            assert np.isnan(found.median[index])


def _trailing(rows: dict[tuple[int, int], int | None], user: int, now: int) -> float | None:
    past = [rows.get((user, at_s)) for at_s in range(now - PULSE_S + 1, now + 1)]
    known = [score for score in past if score is not None]
    return mean(known) / 100 if known else None

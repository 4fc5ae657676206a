"""How much of the device do the arriving frames need?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.demand import Demand


@given(st.integers(1, 500), st.integers(1, 8))
def test_a_steady_rate_is_found(per_s: int, faces: int) -> None:
    """After a few seconds, whatever the rate, but for one arrival more or less."""
    demand = Demand()
    for number in range(8 * per_s):
        demand.add(faces, number / per_s)
    assert demand.per_s(8.0) == pytest.approx(per_s * faces, rel=0.01, abs=faces)


def test_bursts_count_like_even_arrivals() -> None:
    """Ten at once, each second, are ten a second on average."""
    demand, seen = Demand(), []
    for second in range(10):
        for _ in range(10):
            demand.add(1, float(second))
        seen += [demand.per_s(second + part / 20) for part in range(20)]
    assert sum(seen[-40:]) / 40 == pytest.approx(10, rel=0.05)


@given(st.lists(st.floats(0, 5), max_size=40), st.floats(0, 60))
def test_it_fades_and_is_never_negative(times: list[float], later_s: float) -> None:
    """Nothing that arrives means less and less."""
    demand = Demand()
    for at_s in times:
        demand.add(1, at_s)
    assert 0 <= demand.per_s(5.0 + later_s) <= demand.per_s(5.0)

"""Whose turn is it?"""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.shares import EQUAL, Shares, Waiting


def frames_of(tenant: int, count: int, *, cost: int = 1) -> list[Waiting]:
    """Return waiting frames of one tenant's streams."""
    return [
        Waiting(1000 * tenant + n, deadline_s=1.0, served_at_s=0.0, tenant=tenant, cost=cost)
        for n in range(count)
    ]


def served(
    shares: Shares, tenants: dict[int, list[Waiting]], *, batch: int, rounds: int
) -> Counter[int]:
    """Serve tenants that always have all these frames waiting; return the cost served of each."""
    waiting = [frame for frames in tenants.values() for frame in frames]
    cost: Counter[int] = Counter()
    for _ in range(rounds):
        chosen = shares.order(waiting)[:batch]
        for frame in chosen:
            cost[frame.tenant] += frame.cost
        shares = shares.after(chosen, [frame for frame in waiting if frame not in chosen])
    return cost


@given(
    st.lists(st.floats(0.25, 4), min_size=2, max_size=4),
    st.lists(st.sampled_from([1, 2, 8]), min_size=4, max_size=4),
    st.integers(1, 16),
)
def test_tenants_that_always_want_more_get_by_their_weight(
    weights: list[float], costs: list[int], batch: int
) -> None:
    """Cost served over weight is the same for all, but for one batch."""
    tenants = {t: frames_of(t, 20, cost=costs[t]) for t in range(len(weights))}
    shares = Shares(dict(enumerate(weights)))
    cost = served(shares, tenants, batch=batch, rounds=60)
    turns = [cost[t] / weights[t] for t in tenants]
    step = max(costs) / min(weights)
    assert max(turns) - min(turns) <= 2 * step + batch * step


def test_a_tenant_of_many_streams_takes_nothing_from_one_of_few() -> None:
    """Ten streams get as much as five hundred; what they do not want goes to the others."""
    tenants = {1: frames_of(1, 500), 2: frames_of(2, 10)}
    cost = served(EQUAL, tenants, batch=8, rounds=100)
    assert cost[1] == cost[2] == 400


def test_nobody_pays_later_for_what_nobody_else_wanted() -> None:
    """A lead grows only while others wait."""
    alone = EQUAL.after(frames_of(1, 8), [])
    assert alone.leads == {}
    ahead = EQUAL.after(frames_of(1, 8), frames_of(2, 1))
    assert ahead.leads == {1: 8.0}


def test_nobody_saves_up_a_right_to_more() -> None:
    """A tenant that comes back after a pause begins level with those who have had least."""
    shares = Shares(leads={1: 5.0})
    for _ in range(100):
        shares = shares.after(frames_of(1, 8), frames_of(1, 20))
    assert shares.leads == {}


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_within_a_tenant_the_longest_unserved_comes_first(
    times: list[tuple[float, float]], shuffle: random.Random
) -> None:
    """Then the earliest deadline, then the stream, whatever the order of asking."""
    rows = [Waiting(n, deadline_s=d, served_at_s=s) for n, (s, d) in enumerate(times)]
    expected = sorted(rows, key=lambda w: (w.served_at_s, w.deadline_s, w.stream))
    shuffle.shuffle(rows)
    assert EQUAL.order(rows) == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 8)), max_size=60))
def test_leads_are_kept_only_of_tenants_that_are_ahead(steps: list[tuple[int, int]]) -> None:
    """So their number is bounded, and they never grow without end."""
    shares = EQUAL
    for tenant, count in steps:
        shares = shares.after(frames_of(tenant, count), frames_of((tenant + 1) % 10, 1))
        assert all(lead > 0 for lead in shares.leads.values())
        assert shares.leads.get((tenant + 1) % 10, 0.0) == 0.0

"""Which worker carries a session."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rapt.placement import WorkerEntry, in_order, static_entries

SESSIONS = range(1, 4001)

names = st.lists(
    st.text("abcdef-0123", min_size=1, max_size=8), min_size=1, max_size=8, unique=True
)
capacities = st.floats(0.5, 5000)
session_ids = st.integers(1, 2**64 - 1)


@st.composite
def pools(draw: st.DrawFn) -> list[WorkerEntry]:
    """Return some ready workers of any capacity."""
    return [
        WorkerEntry(name=name, address=f"10.0.0.1:{port}", capacity=draw(capacities))
        for port, name in enumerate(draw(names), start=1)
    ]


def first(session_id: int, pool: list[WorkerEntry]) -> str:
    """Return who carries a session."""
    return in_order(session_id, pool)[0].name


@given(session_ids, pools(), st.randoms())
def test_every_gateway_comes_to_the_same_answer(
    session_id: int, pool: list[WorkerEntry], chance: Random
) -> None:
    """Whatever the order in which it heard of the workers."""
    shuffled = list(pool)
    chance.shuffle(shuffled)
    assert in_order(session_id, pool) == in_order(session_id, shuffled)
    assert {worker.name for worker in in_order(session_id, pool)} == {w.name for w in pool}


@given(session_ids, pools())
def test_a_worker_that_goes_moves_only_its_own_sessions(
    session_id: int, pool: list[WorkerEntry]
) -> None:
    """The others keep their order; its sessions go to the second of each."""
    order = in_order(session_id, pool)
    for gone in pool:
        left = in_order(session_id, [worker for worker in pool if worker is not gone])
        assert left == [worker for worker in order if worker is not gone]


@given(session_ids, pools(), st.floats(1, 8))
def test_more_capacity_only_draws_sessions_to_its_worker(
    session_id: int, pool: list[WorkerEntry], factor: float
) -> None:
    """Nobody else's sessions change places among themselves."""
    grown = replace(pool[0], capacity=pool[0].capacity * factor)
    before, after = first(session_id, pool), first(session_id, [grown, *pool[1:]])
    assert after in {before, grown.name}


@given(session_ids, pools())
def test_only_ready_workers_are_asked(session_id: int, pool: list[WorkerEntry]) -> None:
    """Warming and draining ones take no sessions."""
    mixed = [replace(pool[0], state="draining"), *(replace(w, state="warming") for w in pool[1:])]
    assert in_order(session_id, mixed) == []


def test_a_new_address_behind_a_name_moves_nobody() -> None:
    """A process that replaces another one takes over its sessions' places."""
    pool = list(static_entries(["a:1", "b:1", "c:1"]))
    moved = [replace(pool[0], address="a:2", fence=2), *pool[1:]]
    assert [first(s, pool) for s in SESSIONS] == [first(s, moved) for s in SESSIONS]


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param((1, 1), id="two alike"),
        pytest.param((100, 200, 700), id="of three sizes"),
        pytest.param((3000, 200), id="a GPU and a core"),
    ],
)
def test_shares_follow_capacity(weights: tuple[int, ...]) -> None:
    """Within four standard deviations of what chance allows."""
    pool = [
        WorkerEntry(name=f"worker-{n}", address="", capacity=weight)
        for n, weight in enumerate(weights)
    ]
    found = Counter(first(session_id, pool) for session_id in SESSIONS)
    for worker in pool:
        share = worker.capacity / sum(weights)
        spread = (len(SESSIONS) * share * (1 - share)) ** 0.5
        assert abs(found[worker.name] - len(SESSIONS) * share) < 4 * spread

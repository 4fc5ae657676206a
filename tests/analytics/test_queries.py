"""Answers from the real store against the definitions written out."""

import itertools
from datetime import timedelta
from typing import TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import queries
from analytics.facts import ExitReason, Fact, Player, Role, Row, Session
from analytics.rollup import all_contents, recompute
from analytics.scope import Scope
from analytics.store import Store, open_store
from tests.analytics import oracle
from tests.analytics.conftest import Served
from tests.analytics.rows import (
    CONTENT_ID,
    OPENED_AT,
    fact,
    interaction,
    put,
    segments,
    session,
)
from tests.analytics.test_retention import parts

LENGTH_MS = 4_300
EXAMPLES_TENANT = 900_000
ROLES = st.sampled_from([Role.STUDENT, Role.STUDENT, Role.STUDENT, Role.TEACHER])
_contents = itertools.count(1)

seconds = st.fixed_dictionaries(
    {
        "media_ms": st.integers(0, 5_000),
        "advance_ms": st.integers(0, 2_500),
        "attention_pct": st.none() | st.integers(0, 100),
        "visible": st.booleans(),
    }
)


@st.composite
def classes(draw: st.DrawFn) -> list[tuple[Session, list[Fact]]]:
    """Draw the sessions of a class with the facts of each; content is set later."""
    drawn = []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        user_key, role = draw(st.integers(1, 3)), draw(ROLES)
        who = {"session_id": number, "user_key": user_key, "role": role}
        reason = draw(st.sampled_from(list(ExitReason)))
        row = session(1, **who, exit_reason=reason, segments=segments(*draw(parts)))
        facts = [
            fact(1, **who, t_s=t_s, **values)
            for t_s, values in enumerate(draw(st.lists(seconds, max_size=4)))
        ]
        drawn.append((row, facts))
    return drawn


@given(drawn=classes())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_the_heatmap_is_its_definition(
    served: Served, drawn: list[tuple[Session, list[Fact]]]
) -> None:
    """Starts, both retentions and attention with n, for any class, from what was stored."""
    content_id = next(_contents)
    sessions = [_of(content_id, row) for row, _ in drawn]
    facts = [_of(content_id, row) for _, rows in drawn for row in rows]
    async with open_store(served.writer_url) as store:
        await put(store, [*sessions, *facts, *facts], token=f"heat-{content_id}")
        await put(store, facts, token=f"again-{content_id}")
    async with open_store(served.reader_url) as store:
        found = await queries.heatmap(Scope(store, EXAMPLES_TENANT), content_id, LENGTH_MS)
    starts, absolute, unique = oracle.curves(sessions, LENGTH_MS, 1000)
    means, n = oracle.attention(facts, 5)
    assert found.seconds == [0, 1, 2, 3, 4]
    assert found.starts == starts
    assert found.absolute == [float(a) for a in absolute]
    assert found.unique == [float(u) for u in unique]
    assert found.n == n
    assert found.attention == [
        None if mean is None else pytest.approx(float(mean), abs=1e-12) for mean in means
    ]


RowT = TypeVar("RowT", Session, Fact)


def _of(content_id: int, row: RowT) -> RowT:
    """Return the row with a content of its own, in the tenant that all examples share."""
    return msgspec.structs.replace(row, content_id=content_id, tenant_id=EXAMPLES_TENANT)


async def test_a_lesson_without_length_ends_where_playing_ended(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """`length_ms` 0 means that nobody knows yet."""
    rows: list[Row] = [session(tenant_id, segments=segments((0, 2500)))]
    await put(writer_store, rows, f"lesson-{tenant_id}")
    found = await queries.heatmap(scope, CONTENT_ID)
    assert found.unique == [1.0, 1.0, 1.0]


async def test_nothing_is_an_answer(scope: Scope) -> None:
    """A content that nobody has opened."""
    found = await queries.heatmap(scope, 1, 2000)
    assert (found.starts, found.unique, found.attention) == (0, [0.0, 0.0], [None, None])
    assert await queries.session_facts(scope, 1, 1) == []
    assert await queries.sessions(scope, 1) == []
    assert await queries.pulse(scope, 1) == []
    assert await queries.overview(scope, [1]) == []
    assert (await queries.totals(scope, 1)).facts == 0


async def test_a_very_hot_content_is_answered_from_its_bins(
    writer_store: Store,
    scope: Scope,
    tenant_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same numbers, one recomputation old."""
    rows: list[Row] = []
    for user in (1, 2, 3):
        rows.append(session(tenant_id, session_id=user, segments=segments((0, 20_000))))
        rows += [
            fact(tenant_id, session_id=user, t_s=t, attention_pct=(user * 29 + t) % 101)
            for t in range(0, 20, user)
        ]
    await put(writer_store, rows, f"hot-{tenant_id}")
    for content in await all_contents(writer_store):
        if content.tenant_id == tenant_id:
            await recompute(writer_store, content)
    exact = await queries.heatmap(scope, CONTENT_ID, 25_000)
    monkeypatch.setattr(queries, "MAX_PAIRS", 1)
    found = await queries.heatmap(scope, CONTENT_ID, 25_000)
    assert found.n == exact.n
    assert found.attention == [a if a is None else pytest.approx(a) for a in exact.attention]
    assert found.unique == exact.unique


async def test_session_facts_come_in_order_with_none_for_no_score(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """Every field as it was saved; another session is not in it."""
    rows: list[Row] = [
        fact(tenant_id, t_s=2, attention_pct=None, visible=False, idle=True, verdict=6),
        fact(tenant_id, t_s=1, attention_pct=0, player=Player.PAUSED, advance_ms=0, frames=2),
        fact(tenant_id, t_s=1, session_id=2),
    ]
    await put(writer_store, rows, f"facts-{tenant_id}")
    first, second = await queries.session_facts(scope, 1, CONTENT_ID)
    assert (first.t_s, first.attention_pct, first.player) == (1, 0, Player.PAUSED)
    assert (first.visible, first.idle, first.frames) == (True, False, 2)
    assert (second.t_s, second.attention_pct, second.verdict) == (2, None, 6)
    assert (second.visible, second.idle) == (False, True)


async def test_sessions_show_the_newest_version(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """An older version that arrives later changes nothing; segments come whole."""
    new = session(
        tenant_id,
        version=5,
        exit_reason=ExitReason.LEFT,
        role=Role.TEACHER,
        segments=segments((0, 100), (50, 80, False)),
        attention_n=4,
        attention_sum=200,
    )
    await put(writer_store, [new], f"new-{tenant_id}")
    await put(writer_store, [session(tenant_id, version=4)], f"old-{tenant_id}")
    (found,) = await queries.sessions(scope, CONTENT_ID)
    assert tuple(found.segments) == new.segments
    assert (found.exit_reason, found.role) == (ExitReason.LEFT, Role.TEACHER)
    assert found.opened_at == OPENED_AT
    assert found.attention_mean == 0.5


async def test_totals_count_once_and_tell_what_is_there_twice(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """A fact under two tokens counts once, and is named as a duplicate until it is merged."""
    await writer_store.execute("SYSTEM STOP MERGES facts")
    try:
        rows: list[Row] = [fact(tenant_id, t_s=t) for t in range(10)]
        await put(
            writer_store, [*rows, interaction(tenant_id), session(tenant_id)], f"a-{tenant_id}"
        )
        await put(writer_store, rows[:3], f"b-{tenant_id}")
        found = await queries.totals(scope, CONTENT_ID)
    finally:
        await writer_store.execute("SYSTEM START MERGES facts")
    assert (found.facts, found.interactions, found.sessions) == (10, 1, 1)
    assert found.duplicate_facts == 3


async def test_the_pulse_needs_k_students_and_no_staff(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """Below k no value, but n and who is present."""
    rows: list[Row] = [
        fact(tenant_id, session_id=user, t_s=t, attention_pct=10 * user)
        for user in range(1, 6)
        for t in range(3 if user == 5 else 4)
    ]
    rows += [fact(tenant_id, session_id=9, t_s=t, role=Role.TEACHER) for t in range(9)]
    await put(writer_store, rows, f"pulse-{tenant_id}")
    found = await queries.pulse(scope, CONTENT_ID)
    assert [(p.n, p.present) for p in found] == [(5, 5)] * 3 + [(4, 4)]
    assert [p.median for p in found] == [pytest.approx(0.3)] * 3 + [None]
    assert found[0].at_s == int(OPENED_AT.timestamp())
    assert [p.median for p in await queries.pulse(scope, CONTENT_ID, k=1)][-1] == pytest.approx(
        0.25
    )


async def test_the_pulse_reaches_back_so_far_and_no_further(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """A video that is watched for weeks does not fill the memory."""
    old = OPENED_AT - timedelta(days=20)
    rows: list[Row] = [fact(tenant_id, t_s=1, ts=old), fact(tenant_id, t_s=2)]
    await put(writer_store, rows, f"back-{tenant_id}")
    assert len(await queries.pulse(scope, CONTENT_ID, past_s=60)) == 1


async def test_the_overview_comes_from_the_bins(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """One row for each content that has bins."""
    rows: list[Row] = [
        session(tenant_id, session_id=1, user_key=1, segments=segments((0, 4000), (0, 2000))),
        session(tenant_id, session_id=2, user_key=2, segments=segments((0, 2000))),
        *(fact(tenant_id, t_s=t, attention_pct=80) for t in range(3)),
    ]
    await put(writer_store, rows, f"overview-{tenant_id}")
    for content in await all_contents(writer_store):
        if content.tenant_id == tenant_id:
            await recompute(writer_store, content)
    (found,) = await queries.overview(scope, [CONTENT_ID, 5])
    assert (found.content_id, found.users) == (CONTENT_ID, 2)
    assert (found.watched_ms, found.unique_ms) == (8000, 6000)
    assert found.attention == pytest.approx(0.8)

"""Nobody sees the rows of another tenant."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from rapt.errors import Fault

from analytics import queries
from analytics.facts import Row
from analytics.rollup import all_contents, recompute
from analytics.scope import Scope, Table
from analytics.store import Store
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

Question = Callable[[Scope], Awaitable[object]]


async def _as_lists(scope: Scope) -> object:
    plays = await queries.plays_of(scope, CONTENT_ID)
    return plays.session.tolist(), plays.to_ms.tolist()


QUESTIONS: dict[str, Question] = {
    "heatmap": lambda s: queries.heatmap(s, CONTENT_ID, 5000),
    "session_facts": lambda s: queries.session_facts(s, 1, CONTENT_ID),
    "sessions": lambda s: queries.sessions(s, CONTENT_ID),
    "totals": lambda s: queries.totals(s, CONTENT_ID),
    "pulse": lambda s: queries.pulse(s, CONTENT_ID, k=1),
    "overview": lambda s: queries.overview(s, [CONTENT_ID]),
    "plays_of": _as_lists,
}


def _rows(tenant_id: int, n: int) -> list[Row]:
    rows: list[Row] = [fact(tenant_id, t_s=t, attention_pct=50 + n) for t in range(n)]
    rows.append(interaction(tenant_id, seq=n))
    rows.append(session(tenant_id, version=n, segments=segments((0, n * 1000))))
    return rows


async def _add(store: Store, tenant_id: int, n: int) -> None:
    await put(store, _rows(tenant_id, n), f"scope-{tenant_id}-{n}")
    for content in await all_contents(store):
        if content.tenant_id == tenant_id:
            await recompute(store, content)


def test_every_question_is_asked_here() -> None:
    """A new function of `queries` that takes a scope must be in this test."""
    public = {
        name
        for name, value in vars(queries).items()
        if getattr(value, "__module__", "") == queries.__name__
        and "scope" in getattr(value, "__annotations__", {})
        and not name.startswith("_")
    }
    assert public - {"attention_of", "scored_seconds"} == set(QUESTIONS)


@pytest.mark.parametrize("belts", ["both", "the first alone"])
@pytest.mark.parametrize("name", list(QUESTIONS))
async def test_an_answer_does_not_move_while_another_tenant_writes(
    writer_store: Store, reader_store: Store, tenant_id: int, name: str, belts: str
) -> None:
    """The same content, session and user numbers in another tenant."""
    ask, other = QUESTIONS[name], tenant_id + 500_000
    scope = Scope(reader_store, tenant_id)
    if belts != "both":
        del scope._settings["additional_table_filters"]
    await _add(writer_store, tenant_id, 3)
    before = await ask(scope)
    for n in (2, 4):
        await _add(writer_store, other, n)
        assert await ask(scope) == before
    assert await ask(Scope(reader_store, other)) != before


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT count() FROM facts WHERE content_id = {c:UInt64}", id="plain"),
        pytest.param("SELECT count() FROM facts FINAL WHERE content_id = {c:UInt64}", id="final"),
        pytest.param("SELECT count() FROM facts AS f WHERE f.content_id = {c:UInt64}", id="alias"),
        pytest.param(
            "SELECT count() FROM facts WHERE tenant_id = {other:UInt32} OR 1", id="another tenant"
        ),
        pytest.param(
            "SELECT sum(n) FROM (SELECT count() AS n FROM facts UNION ALL"
            " SELECT 0 FROM sessions WHERE tenant_id = {other:UInt32})",
            id="union",
        ),
        pytest.param(
            "SELECT count() FROM facts WHERE session_id IN (SELECT session_id FROM sessions"
            " WHERE tenant_id = {other:UInt32}) OR content_id = {c:UInt64}",
            id="in",
        ),
        pytest.param(
            "SELECT uniq(f.t_s) FROM facts AS f JOIN sessions AS s USING (content_id)", id="join"
        ),
    ],
)
async def test_the_second_belt_holds_without_the_first(
    writer_store: Store, reader_store: Store, tenant_id: int, sql: str
) -> None:
    """A query that forgot the tenant still sees one."""
    other = tenant_id + 500_000
    await put(writer_store, _rows(tenant_id, 3), f"belt-{tenant_id}")
    await put(writer_store, _rows(other, 7), f"belt-{other}")
    scope = Scope(reader_store, tenant_id)
    assert await scope.rows(sql, c=CONTENT_ID, other=other) == [(3,)]


async def test_a_qualified_name_is_filtered_too(
    writer_store: Store, reader_store: Store, tenant_id: int
) -> None:
    """`rapt.facts` is the same table."""
    await put(writer_store, _rows(tenant_id, 3), f"qualified-{tenant_id}")
    scope = Scope(reader_store, tenant_id)
    (database,) = (await scope.rows("SELECT currentDatabase()"))[0]
    assert await scope.rows(f"SELECT count() FROM {database}.facts") == [(3,)]  # noqa: S608  the store's own name


@pytest.mark.parametrize("tenant_id", [-1, 2**32, "1 OR 1", None])
def test_only_a_number_is_a_tenant(reader_store: Store, tenant_id: object) -> None:
    """Nothing else gets into the filter."""
    with pytest.raises(ValueError, match=r"Expected|>="):
        Scope(reader_store, tenant_id)  # type: ignore[arg-type]  # wrong on purpose


async def test_the_tenant_is_no_parameter_of_a_question(scope: Scope) -> None:
    """It belongs to the scope."""
    with pytest.raises(ValueError, match="tenant"):
        await scope.rows("SELECT 1", tenant_id=2)


async def test_camera_values_end_with_their_days(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """They are masked at once, long before the engine drops them; the rest of the row stays."""
    old = OPENED_AT - timedelta(days=31)
    rows: list[Row] = [
        fact(tenant_id, t_s=1, ts=old, attention_pct=80, verdict=1, frames=2, confidence_pct=9),
        fact(tenant_id, t_s=2, attention_pct=80, verdict=1, camera_keep_days=0),
        fact(tenant_id, t_s=3, attention_pct=80, verdict=1),
        fact(tenant_id, t_s=4, ts=old, keep_days=30),
    ]
    await put(writer_store, rows, f"mask-{tenant_id}")
    found = await queries.session_facts(scope, 1, CONTENT_ID)
    assert [(f.t_s, f.attention_pct, f.verdict) for f in found] == [
        (1, None, 0),
        (2, None, 0),
        (3, 80, 1),
    ]
    assert (found[0].frames, found[0].confidence_pct, found[0].advance_ms) == (0, 0, 1000)


async def test_a_reader_can_not_write(served: Served, reader_store: Store, tenant_id: int) -> None:
    """The account, not only the code, forbids it."""
    if not served.is_ours:
        pytest.skip("a ClickHouse by URL is tested with one account")
    with pytest.raises(Fault, match="164"):
        await put(reader_store, [fact(tenant_id)], "no")


def test_tables_are_named_by_the_enum_alone() -> None:
    """The second belt covers every table that may be read."""
    assert {str(table) for table in Table} == {"facts", "interactions", "sessions", "bins"}

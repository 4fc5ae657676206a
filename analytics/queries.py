"""One function per question, typed answers, one tenant.

SQL only fetches; what a metric means stands in `retention` and `attention`. Every value in a
statement is a bound parameter; only names of our own enums and structs are put into the text.
"""

# ruff: noqa: S608  see above: no value is ever put into the text of a statement

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.answers import (
    FactRow,
    Heatmap,
    Overview,
    PulseRow,
    SessionRow,
    Totals,
)
from analytics.attention import Attention, mean_of_user_means
from analytics.attention import pulse as pulse_of
from analytics.facts import ExitReason, Player, Role, Segment
from analytics.retention import Plays, retention
from analytics.scope import Scope, Table

MAX_PAIRS = 900_000  # (user, second) pairs that are fetched; above, attention comes from the bins
PULSE_PAST_S = 4 * 3600  # a school day's longest lesson
K_IN_LESSON = 5  # students below which a lesson's pulse is not shown


async def plays_of(scope: Scope, content_id: int) -> Plays:
    """Return the segments of all students' sessions that count."""
    session, user, from_ms, to_ms, visible = await scope.columns(
        "SELECT session_id, user_key, arrayJoin(arrayZip(segment.from_ms, segment.to_ms,"
        " segment.visible)) AS s, s.1 AS from_ms, s.2 AS to_ms, s.3 AS visible"
        f" FROM {scope.table(Table.SESSIONS)}"
        " WHERE content_id = {content_id:UInt64} AND role = 'student' AND exit_reason != 'void'",
        "session_id",
        "user_key",
        "from_ms",
        "to_ms",
        "visible",
        content_id=content_id,
    )
    return Plays(
        session=np.array(session, np.uint64),
        user=np.array(user, np.uint64),
        from_ms=np.array(from_ms, np.int64),
        to_ms=np.array(to_ms, np.int64),
        visible=np.array(visible, np.bool_),
    )


async def heatmap(scope: Scope, content_id: int, length_ms: int = 0) -> Heatmap:
    """Where did they watch, and how attentively? One entry a media second.

    With `length_ms` 0 (a live lesson) the content ends where playing ended last.
    """
    plays = await plays_of(scope, content_id)
    length_ms = length_ms or int(plays.to_ms.max(initial=0))
    counted = retention(plays, length_ms=length_ms)
    bins = len(counted.width_ms)
    attention = await attention_of(scope, content_id, bins=bins, users=counted.users)
    return Heatmap(
        seconds=list(range(bins)),
        starts=counted.starts,
        users=counted.users,
        absolute=counted.absolute().tolist(),
        unique=counted.unique().tolist(),
        attention=_or_none(attention.mean),
        n=attention.n.tolist(),
    )


async def attention_of(scope: Scope, content_id: int, *, bins: int, users: int) -> Attention:
    """How attentive were the students in each media second?

    A fact is counted in every media second that it played. A content with very many students is
    answered from its bins.
    """
    if users * bins > MAX_PAIRS:
        return await _attention_from_bins(scope, content_id, bins=bins)
    second, total, scores = await scope.columns(
        "SELECT second, sum(attention_pct) AS total, count() AS scores"
        f" FROM {scored_seconds(scope)} GROUP BY user_key, second ORDER BY user_key, second",
        "second",
        "total",
        "scores",
        content_id=content_id,
    )
    return mean_of_user_means(
        np.array(second, np.int64), np.array(total, np.int64), np.array(scores, np.int64), bins=bins
    )


def scored_seconds(scope: Scope) -> str:
    """Return (user_key, second, attention_pct) of visible, scored play, to stand after FROM."""
    return (
        "(SELECT user_key, attention_pct, arrayJoin(range(intDiv(media_ms, 1000),"
        " intDiv(media_ms + advance_ms - 1, 1000) + 1)) AS second"
        f" FROM {scope.table(Table.FACTS)} WHERE content_id = {{content_id:UInt64}}"
        " AND role = 'student' AND visible AND advance_ms > 0 AND attention_pct IS NOT NULL)"
    )


async def _attention_from_bins(scope: Scope, content_id: int, *, bins: int) -> Attention:
    """Return the attention of the last recomputation."""
    where, n, mean = await scope.columns(
        "SELECT bin, attention_n AS n, attention_sum / attention_n AS mean"
        f" FROM {scope.table(Table.BINS)} WHERE content_id = {{content_id:UInt64}}"
        " AND bin_s = 1 AND bin < {bins:UInt32} AND attention_n > 0",
        "bin",
        "n",
        "mean",
        content_id=content_id,
        bins=bins,
    )
    whole = Attention(mean=np.full(bins, np.nan), n=np.zeros(bins, np.int64))
    whole.mean[np.array(where, np.int64)] = mean
    whole.n[np.array(where, np.int64)] = n
    return whole


async def session_facts(scope: Scope, session_id: int, content_id: int) -> list[FactRow]:
    """What happened second by second in one session?"""
    names = FactRow.__struct_fields__
    rows = await scope.rows(
        f"SELECT {', '.join(_as_number(name) for name in names)} FROM {scope.table(Table.FACTS)}"
        " WHERE content_id = {content_id:UInt64} AND session_id = {session_id:UInt64}"
        " ORDER BY t_s",
        content_id=content_id,
        session_id=session_id,
    )
    return [_fact_row(dict(zip(names, row, strict=True))) for row in rows]


async def sessions(scope: Scope, content_id: int) -> list[SessionRow]:
    """Who had a sitting with the content, staff included, oldest first?"""
    plain = [n for n in SessionRow.__struct_fields__ if n not in {"segments", "attention_mean"}]
    parts = [f"segment.{n} AS {n}" for n in Segment.__struct_fields__]
    rows = await scope.rows(
        f"SELECT {', '.join([_as_number(n) for n in plain] + ['attention_sum', *parts])}"
        f" FROM {scope.table(Table.SESSIONS)} WHERE content_id = {{content_id:UInt64}}"
        " ORDER BY opened_at, session_id",
        content_id=content_id,
    )
    names = [*plain, "attention_sum", *Segment.__struct_fields__]
    return [_session_row(dict(zip(names, row, strict=True))) for row in rows]


async def totals(scope: Scope, content_id: int) -> Totals:
    """How many rows does the content have, and is any fact there twice?"""
    where = " WHERE content_id = {content_id:UInt64}"
    twice = (
        "SELECT count() - uniqExact(session_id, t_s)"
        f" FROM {scope.table(Table.FACTS, final=False)}{where}"
    )
    counts = [
        f"SELECT count() FROM {scope.table(table)}{where}"
        for table in (Table.FACTS, Table.INTERACTIONS, Table.SESSIONS)
    ]
    rows = await scope.rows(
        "SELECT " + ", ".join(f"({question})" for question in [*counts, twice]),
        content_id=content_id,
    )
    facts, interactions, sittings, duplicates = (int(value) for value in rows[0])
    return Totals(
        facts=facts, interactions=interactions, sessions=sittings, duplicate_facts=duplicates
    )


async def pulse(
    scope: Scope, content_id: int, *, past_s: int = PULSE_PAST_S, k: int = K_IN_LESSON
) -> list[PulseRow]:
    """How attentive was the class at each wall second, up to `past_s` before the newest one?"""
    own = "WHERE content_id = {content_id:UInt64} AND role = 'student'"
    newest = f"(SELECT max(ts) FROM {scope.table(Table.FACTS, final=False)} {own})"
    user, at_s, score = await scope.columns(
        "SELECT user_key, toUnixTimestamp(ts) AS at_s, avg(attention_pct) AS score"
        f" FROM {scope.table(Table.FACTS)} {own} AND ts > {newest}"
        " - toIntervalSecond({past_s:UInt32}) GROUP BY user_key, at_s ORDER BY at_s, user_key",
        "user_key",
        "at_s",
        "score",
        content_id=content_id,
        past_s=past_s,
    )
    known = np.array([np.nan if s is None else s for s in score], np.float64)
    seen = pulse_of(np.array(user, np.uint64), np.array(at_s, np.int64), known)
    enough = seen.n >= max(k, 1)
    bands = (np.where(enough, band, np.nan) for band in (seen.median, seen.low, seen.high))
    columns = [_or_none(band) for band in bands]
    whole = zip(seen.at_s.tolist(), *columns, seen.n.tolist(), seen.present.tolist(), strict=True)
    return [
        PulseRow(at_s=at_s, median=median, low=low, high=high, n=n, present=present)
        for at_s, median, low, high, n, present in whole
    ]


async def overview(scope: Scope, content_ids: Sequence[int]) -> list[Overview]:
    """How were these contents watched? From the bins; a content without bins is left out."""
    rows = await scope.rows(
        "SELECT content_id, max(users), sum(plays_ms), sum(unique_ms),"
        " sumIf(attention_sum / attention_n, attention_n > 0), countIf(attention_n > 0),"
        f" max(version) FROM {scope.table(Table.BINS)}"
        " WHERE bin_s = 1 AND content_id IN {content_ids:Array(UInt64)}"
        " GROUP BY content_id ORDER BY content_id",
        content_ids=list(content_ids),
    )
    return [
        Overview(
            content_id=content_id,
            users=users,
            watched_ms=watched_ms,
            unique_ms=unique_ms,
            attention=total / scored if scored else None,
            updated_at=datetime.fromtimestamp(version / 1e9, UTC),
        )
        for content_id, users, watched_ms, unique_ms, total, scored, version in rows
    ]


def _as_number(name: str) -> str:
    """Return an Enum8 column as its number, any other as it is."""
    if name in {"role", "player", "exit_reason"}:
        return f"toInt8({name}) AS {name}"
    return name


def _fact_row(row: dict[str, Any]) -> FactRow:
    """Make the row of what was read."""
    row |= {name: bool(row[name]) for name in ("visible", "idle")}
    return FactRow(**{**row, "player": Player(row["player"])})


def _session_row(row: dict[str, Any]) -> SessionRow:
    """Make the row of what was read."""
    inner = Segment.__struct_fields__
    segments = [  # values come in the order of the fields
        Segment(from_ms=from_ms, to_ms=to_ms, rate_pct=rate_pct, visible=bool(visible), at=at)
        for from_ms, to_ms, rate_pct, visible, at in zip(
            *(row.pop(name) for name in inner), strict=True
        )
    ]
    total, n = row.pop("attention_sum"), row["attention_n"]
    row |= {"role": Role(row["role"]), "exit_reason": ExitReason(row["exit_reason"])}
    return SessionRow(segments=segments, attention_mean=total / n / 100 if n else None, **row)


def _or_none(values: NDArray[np.float64]) -> list[float | None]:
    """Return the values with None for NaN: JSON has no NaN."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  NaN is unlike itself

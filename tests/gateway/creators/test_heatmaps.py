"""Answers from stored facts over HTTP."""

from datetime import UTC, datetime

import pytest

from analytics.answers import FactRow, SessionRow
from analytics.facts import ExitReason, Player, Role, Segment
from gateway.live.pulse import PulsePoint
from tests.gateway.fakes import FakeAnswers
from tests.gateway.running import Running

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _row(session_id: int) -> SessionRow:
    return SessionRow(
        session_id=session_id,
        user_key=7,
        role=Role.STUDENT,
        device="puppet",
        opened_at=NOW,
        seen_at=NOW,
        exit_reason=ExitReason.COMPLETED,
        first_ms=0,
        last_ms=5000,
        max_ms=5000,
        watched_ms=5000,
        unique_ms=5000,
        hidden_ms=0,
        segments=[Segment(from_ms=0, to_ms=5000, rate_pct=100, visible=True, at=NOW)],
        attention_n=5,
        attention_mean=0.8,
    )


def _second(t_s: int, verdict: int, attention_pct: int | None) -> FactRow:
    return FactRow(
        t_s=t_s,
        media_ms=t_s * 1000,
        advance_ms=1000,
        pass_no=1,
        verdict=verdict,
        confidence_pct=90,
        attention_pct=attention_pct,
        player=Player.PLAYING,
        visible=True,
        idle=False,
        frames=2,
    )


async def test_the_heatmap_asks_for_the_contents_own_length(
    gateway: Running, answers: FakeAnswers
) -> None:
    """One entry a second; null where nobody has a score."""
    content_id = await gateway.make_content(length_ms=5_000)
    heatmap = (await gateway.http.get(f"/v1/contents/{content_id}/heatmap")).json()
    assert heatmap["seconds"] == [0, 1, 2, 3, 4]
    assert heatmap["attention"] == [None] * 5
    assert answers.asked == [("heatmap", 1, int(content_id), 5_000)]


async def test_sessions_have_their_names_from_the_register(
    gateway: Running, answers: FakeAnswers
) -> None:
    """The store knows numbers; ids are strings."""
    content_id = await gateway.make_content()
    session = await gateway.open_session(content_id)
    answers.rows = [_row(int(session["session_id"])), _row(5)]
    listed = (await gateway.http.get(f"/v1/contents/{content_id}/sessions")).json()
    assert [(row["session_id"], row["name"]) for row in listed] == [
        (session["session_id"], "Ada Lovelace"),
        ("5", ""),
    ]
    assert listed[0]["exit_reason"] == "completed"
    assert listed[0]["segments"][0]["to_ms"] == 5000


async def test_facts_are_told_in_words(gateway: Running, answers: FakeAnswers) -> None:
    """A second without verdict has no state; shares are 0..1."""
    session = await gateway.open_session()
    answers.seconds = [_second(0, 4, 12), _second(1, 0, None)]
    headers = {"authorization": f"Bearer {session['ticket']}"}
    path = f"/v1/sessions/{session['session_id']}/facts"
    seconds = (await gateway.http.get(path, headers=headers)).json()
    assert [second["state"] for second in seconds] == ["eyes_closed", None]
    assert [second["attention"] for second in seconds] == [0.12, None]
    assert seconds[0]["player"] == "playing"
    assert answers.asked[0][0] == "facts"


async def test_totals_and_pulse_are_passed_on(gateway: Running, answers: FakeAnswers) -> None:
    """As the store says."""
    content_id = await gateway.make_content()
    answers.past = [PulsePoint(10, 0.5, 0.4, 0.6, 12, 13)]
    totals = (await gateway.http.get(f"/v1/contents/{content_id}/totals")).json()
    assert totals == {"facts": 0, "interactions": 0, "sessions": 0, "duplicate_facts": 0}
    pulse = (await gateway.http.get(f"/v1/contents/{content_id}/pulse")).json()
    assert pulse == [{"at_s": 10, "median": 0.5, "low": 0.4, "high": 0.6, "n": 12, "present": 13}]


@pytest.mark.parametrize("what", ["heatmap", "totals", "sessions", "pulse"])
async def test_a_store_that_is_away_is_503(
    gateway: Running, answers: FakeAnswers, what: str
) -> None:
    """The problem says that it is the store; contents still answer."""
    content_id = await gateway.make_content()
    answers.is_away = True
    answer = await gateway.http.get(f"/v1/contents/{content_id}/{what}")
    assert answer.status_code == 503
    assert "store" in answer.json()["detail"]
    assert (await gateway.http.get(f"/v1/contents/{content_id}")).status_code == 200


@pytest.mark.parametrize(
    ("what", "status"), [("heatmap", 200), ("pulse", 200), ("totals", 403), ("sessions", 403)]
)
async def test_a_ticket_sees_the_class_but_not_the_people(
    gateway: Running, what: str, status: int
) -> None:
    """Everyone who watches may see the lanes; names and counts need the local token."""
    content_id = await gateway.make_content()
    session = await gateway.open_session(content_id)
    headers = {"authorization": f"Bearer {session['ticket']}"}
    answer = await gateway.http.get(f"/v1/contents/{content_id}/{what}", headers=headers)
    assert answer.status_code == status

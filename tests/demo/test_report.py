"""The JSON of a class, and every way in which it can be off."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.findings import Findings
from demo.report import Class, agreement_of, faults_of, make_report, percentile
from tests.demo.classes import perfect_class, waits_of

KEYS = [
    "schema",
    "students",
    "seconds",
    "frames_sent",
    "verdicts",
    "shed",
    "facts_written",
    "facts_read_back",
    "interactions_read_back",
    "sessions",
    "agreement",
    "latency_ms",
    "content_id",
    "heatmap",
]


def test_the_json_has_exactly_the_promised_keys() -> None:
    """Programs that read it rely on them."""
    report = msgspec.to_builtins(make_report(perfect_class()))
    assert list(report) == KEYS
    assert list(report["latency_ms"]) == ["p50", "p95", "p99"]
    assert list(report["heatmap"]) == [
        "seconds",
        "starts",
        "absolute",
        "unique",
        "attention",
        "n",
    ]


def test_a_perfect_class_has_no_fault() -> None:
    """Nothing is off when everything is as scripted."""
    assert faults_of(perfect_class()) == []
    assert make_report(perfect_class()).agreement == 1.0


def with_totals(lesson: Class, **changes: int) -> Class:
    """The same class with other totals."""
    found = lesson.findings
    totals = msgspec.structs.replace(found.totals, **changes)
    return replace(lesson, findings=Findings(totals, found.heatmap, found.facts))


def with_heatmap(lesson: Class, **changes: object) -> Class:
    """The same class with another heatmap."""
    found = lesson.findings
    heatmap = msgspec.structs.replace(found.heatmap, **changes)
    return replace(lesson, findings=Findings(found.totals, heatmap, found.facts))


def bent(lesson: Class) -> Class:
    """One second of unique retention is off by one millisecond of one student."""
    unique = list(lesson.findings.heatmap.unique)
    unique[7] -= 0.001 / len(lesson.parts)
    return with_heatmap(lesson, unique=unique)


def unanswered(lesson: Class) -> Class:
    """Three of a hundred frames get no verdict."""
    for sheet in lesson.sheets:
        sheet.verdicts -= 3
    return lesson


def slow(lesson: Class) -> Class:
    """A tenth of the verdicts comes late."""
    for sheet in lesson.sheets:
        sheet.waits = waits_of([20.0] * 90 + [400.0] * 10)
    return lesson


def silent(lesson: Class) -> Class:
    """One session ends without a goodbye."""
    lesson.sheets[0].closed = None
    return lesson


def failed(lesson: Class) -> Class:
    """One student was refused."""
    lesson.sheets[0].failure = "the ticket is refused"
    return lesson


def mistaken(lesson: Class) -> Class:
    """Every stored state is wrong."""
    found = lesson.findings
    facts = {
        session: [msgspec.structs.replace(fact, state="drifting") for fact in rows]
        for session, rows in found.facts.items()
    }
    return replace(lesson, findings=Findings(found.totals, found.heatmap, facts))


def without_facts(lesson: Class) -> Class:
    """Nothing is stored of any session."""
    found = lesson.findings
    return replace(lesson, findings=Findings(found.totals, found.heatmap, {}))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        pytest.param(lambda c: with_totals(c, facts=1), "read back", id="facts lost"),
        pytest.param(lambda c: with_totals(c, duplicate_facts=1), "twice", id="facts doubled"),
        pytest.param(lambda c: with_totals(c, sessions=1), "sessions are", id="session lost"),
        pytest.param(lambda c: with_totals(c, interactions=1), "interactions", id="event lost"),
        pytest.param(lambda c: with_heatmap(c, starts=1), "starts", id="start lost"),
        pytest.param(lambda c: with_heatmap(c, absolute=[]), "absolute", id="no curve"),
        pytest.param(bent, "unique retention is wrong in 1 seconds: 7", id="one millisecond"),
        pytest.param(unanswered, "verdict", id="frames unanswered"),
        pytest.param(slow, "95th", id="slow"),
        pytest.param(silent, "goodbye", id="no goodbye"),
        pytest.param(failed, "ticket", id="student refused"),
        pytest.param(mistaken, "agree", id="wrong states"),
        pytest.param(without_facts, "agree", id="no states"),
    ],
)
def test_each_thing_off_is_a_fault(spoil: Callable[[Class], Class], word: str) -> None:
    """One sentence says what it is."""
    faults = faults_of(spoil(perfect_class()))
    assert any(word in fault for fault in faults)


def test_a_missing_second_disagrees() -> None:
    """A second that is not stored is not left out of the share."""
    lesson = perfect_class()
    facts = {session: rows[::2] for session, rows in lesson.findings.facts.items()}
    totals, heatmap = lesson.findings.totals, lesson.findings.heatmap
    thinned = replace(lesson, findings=Findings(totals, heatmap, facts))
    assert 0.3 < agreement_of(thinned).share < 0.7


def test_an_unscripted_class_has_no_agreement() -> None:
    """Nobody knows what a user's own video shows."""
    lesson = replace(perfect_class(), is_scripted=False)
    assert make_report(mistaken(lesson)).agreement is None
    assert not any("agree" in fault for fault in faults_of(mistaken(lesson)))


@given(st.lists(st.floats(0, 1e4), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(
    values: list[float], share: float
) -> None:
    """At least this share lies at or below it, and less than that lies below it."""
    limit = percentile(values, share)
    assert limit in values
    assert sum(value <= limit for value in values) >= share * len(values) - 1e-6
    assert sum(value < limit for value in values) < share * len(values) + 1e-6


def test_the_percentile_of_nothing_is_zero() -> None:
    """A class without verdicts has no latency."""
    assert percentile([], 0.95) == 0.0

"""The numbers of one class, and what is wrong with them.

Pure. `make_report` gives exactly the JSON of `--json`; `faults_of` gives one sentence for each
thing off.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from rapt.client import Heatmap, SessionFact

from demo.findings import Findings, written
from demo.script import Part
from demo.sheet import Sheet
from demo.truth import Retention, expected_mood, stored_interactions

MIN_VERDICT_SHARE = 0.98
MIN_AGREEMENT = 0.90
MAX_P95_MS = 250.0
EXACT = 1e-6
"""How far a stored share may be from a fraction of whole milliseconds: floating point, nothing
else."""


class Latency(msgspec.Struct, frozen=True):
    """From the moment a frame was due to its verdict, milliseconds."""

    p50: float
    p95: float
    p99: float


class Report(msgspec.Struct, frozen=True):
    """What `--json` writes."""

    schema: int
    students: int
    seconds: int
    frames_sent: int
    verdicts: int
    shed: dict[str, int]
    facts_written: int
    facts_read_back: int
    interactions_read_back: int
    sessions: int
    agreement: float | None
    """None when nothing was scripted: a user's own video."""
    latency_ms: Latency
    content_id: str
    heatmap: Heatmap
    """As it is stored and the video page draws it."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class that is over: what was meant, what clients saw, what is stored."""

    content_id: str
    seconds: int
    parts: Sequence[Part]
    sheets: Sequence[Sheet]
    findings: Findings
    truth: Retention
    is_scripted: bool = True


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the stored state is the scripted one."""

    confusion: Mapping[tuple[str, str], int]
    """Student-seconds by (scripted, stored); "missing" where nothing is stored."""

    @property
    def share(self) -> float:
        """Agreeing seconds of all that the script decides; 0 when there are none."""
        total = sum(self.confusion.values())
        agreed = sum(n for (meant, stored), n in self.confusion.items() if meant == stored)
        return agreed / total if total else 0.0


def agreement_of(lesson: Class) -> Agreement:
    """Compare the stored state of every student-second with the script."""
    confusion: Counter[tuple[str, str]] = Counter()
    for part, sheet in zip(lesson.parts, lesson.sheets, strict=True):
        stored = {fact.t_s: fact for fact in lesson.findings.facts.get(sheet.session_id, ())}
        confusion.update(_compared(part, sheet, stored))
    return Agreement(confusion)


def _compared(
    part: Part, sheet: Sheet, stored: Mapping[int, SessionFact]
) -> Counter[tuple[str, str]]:
    """Seconds of one student by (scripted, stored)."""
    counts: Counter[tuple[str, str]] = Counter()
    ahead_ms = (sheet.opened_at_us - sheet.began_us) / 1000
    for t_s in range(int((part.ends_ms - ahead_ms) / 1000) + 1):
        from_ms = round(ahead_ms + t_s * 1000)
        mood = expected_mood(part, from_ms, from_ms + 1000)
        if mood is not None:
            fact = stored.get(t_s)
            counts[mood.value, fact.state if fact is not None else "missing"] += 1
    return counts


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of values do not exceed; 0 of nothing."""
    if not values:
        return 0.0
    rank = -(-len(values) * round(share * 1000) // 1000)
    return sorted(values)[max(rank, 1) - 1]


def make_report(lesson: Class) -> Report:
    """Put the numbers of a class together."""
    shed: Counter[str] = Counter()
    for sheet in lesson.sheets:
        shed.update(sheet.shed)
    latencies = [value for sheet in lesson.sheets for value in sheet.latencies_ms()]
    facts_written, _, _ = written(lesson.sheets)
    found = lesson.findings
    return Report(
        schema=1,
        students=len(lesson.parts),
        seconds=lesson.seconds,
        frames_sent=sum(sheet.frames_sent for sheet in lesson.sheets),
        verdicts=sum(sheet.verdicts for sheet in lesson.sheets),
        shed=dict(sorted(shed.items())),
        facts_written=facts_written,
        facts_read_back=found.totals.facts,
        interactions_read_back=found.totals.interactions,
        sessions=found.totals.sessions,
        agreement=round(agreement_of(lesson).share, 4) if lesson.is_scripted else None,
        latency_ms=Latency(*(round(percentile(latencies, p), 1) for p in (0.5, 0.95, 0.99))),
        content_id=lesson.content_id,
        heatmap=found.heatmap,
    )


def faults_of(lesson: Class) -> list[str]:
    """Say in one sentence each what is not as it must be; empty when all is well."""
    report = make_report(lesson)
    checks = (*_losses(report, lesson), *_bends(report, lesson), *_slowness(report))
    failures = [f"{sheet.name}: {sheet.failure}" for sheet in lesson.sheets if sheet.failure]
    return failures + [sentence for is_wrong, sentence in checks if is_wrong]


def _losses(report: Report, lesson: Class) -> Sequence[tuple[bool, str]]:
    """Checks that nothing is lost or doubled: whether it is, and the sentence."""
    students, doubled = len(lesson.parts), lesson.findings.totals.duplicate_facts
    meant = stored_interactions(lesson.parts)
    read, wrote = report.facts_read_back, report.facts_written
    goodbyes = sum(sheet.closed is not None for sheet in lesson.sheets)
    stored = report.interactions_read_back
    return (
        (goodbyes < students, f"{students - goodbyes} of {students} sessions got no goodbye"),
        (report.sessions != students, f"{report.sessions} of {students} sessions are stored"),
        (wrote == 0, "no fact was written"),
        (read != wrote, f"{wrote} facts were written and {read} read back"),
        (doubled != 0, f"{doubled} facts are stored twice"),
        (stored != meant, f"{stored} of {meant} interactions are stored"),
    )


def _bends(report: Report, lesson: Class) -> Sequence[tuple[bool, str]]:
    """Checks that the stored numbers are the true ones."""
    heat, truth = report.heatmap, lesson.truth
    unique = _differences(heat.unique, truth.unique())
    absolute = _differences(heat.absolute, truth.absolute())
    agreement = report.agreement
    return (
        (heat.starts != truth.starts, f"{heat.starts} starts are stored, {truth.starts} happened"),
        (bool(unique), f"unique retention is wrong in {_seconds(unique)}"),
        (bool(absolute), f"absolute retention is wrong in {_seconds(absolute)}"),
        (
            agreement is not None and agreement < MIN_AGREEMENT,
            f"{agreement} of student-seconds agree with the script; {MIN_AGREEMENT} must",
        ),
    )


def _slowness(report: Report) -> Sequence[tuple[bool, str]]:
    """Checks that frames were answered, and in time."""
    sent, answered, p95 = report.frames_sent, report.verdicts, report.latency_ms.p95
    return (
        (
            answered < MIN_VERDICT_SHARE * sent or sent == 0,
            f"{answered} of {sent} frames got a verdict; {MIN_VERDICT_SHARE:.0%} must",
        ),
        (
            p95 > MAX_P95_MS,
            f"capture to verdict takes {p95} ms at the 95th percentile; {MAX_P95_MS:.0f} at most",
        ),
    )


def _differences(stored: Sequence[float], true: Sequence[float]) -> list[int]:
    """Seconds in which two curves are not the same."""
    if len(stored) != len(true):
        return list(range(max(len(stored), len(true))))
    return [
        second
        for second, (one, other) in enumerate(zip(stored, true, strict=True))
        if abs(one - other) > EXACT
    ]


def _seconds(seconds: Sequence[int]) -> str:
    shown = ", ".join(str(second) for second in seconds[:8])
    return f"{len(seconds)} seconds: {shown}" + (" …" if len(seconds) > 8 else "")  # noqa: PLR2004 - fits a line

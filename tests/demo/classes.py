"""Classes that are over, as they should be and otherwise."""

from collections.abc import Sequence

from rapt.client import Heatmap, SessionFact, Totals
from rapt.v1 import perception_pb2 as perception

from demo.findings import Findings
from demo.report import Class
from demo.script import Part, make_script
from demo.sheet import Sheet
from demo.truth import expected_mood, retention, stored_interactions

SECONDS = 40
BEGAN_US = 1_700_000_000_000_000
AHEAD_MS = -250
"""When the server's first second began, on the student's clock: before the student came."""


def facts_of(part: Part) -> list[SessionFact]:
    """What a faultless system stores of a part."""
    facts = []
    for t_s in range((part.ends_ms - AHEAD_MS) // 1000):
        from_ms = AHEAD_MS + 1000 * t_s
        mood = expected_mood(part, from_ms, from_ms + 1000)
        facts.append(SessionFact(t_s=t_s, state=mood.value if mood else "unknown"))
    return facts


def sheet_of(part: Part, facts: int) -> Sheet:
    """What a client saw when all went well."""
    return Sheet(
        name=part.name,
        session_id=str(part.index),
        began_us=BEGAN_US,
        opened_at_us=BEGAN_US + AHEAD_MS * 1000,
        frames_sent=100,
        verdicts=100,
        waits=waits_of([20.0] * 99 + [200.0]),
        closed=perception.Closed(facts_written=facts, interactions_written=len(part.deeds)),
    )


def waits_of(latencies_ms: list[float]) -> list[tuple[float, float]]:
    """Frames twice a second with these latencies."""
    return [(500.0 * number, value) for number, value in enumerate(latencies_ms)]


def perfect_class(students: int = 5) -> Class:
    """Everything as scripted."""
    parts: Sequence[Part] = make_script(students=students, seconds=SECONDS)
    truth = retention(parts, SECONDS * 1000)
    facts = {str(part.index): facts_of(part) for part in parts}
    heatmap = Heatmap(
        seconds=list(range(SECONDS)),
        starts=truth.starts,
        absolute=truth.absolute(),
        unique=truth.unique(),
        attention=[0.8, *[None] * (SECONDS - 1)],
        n=[students, *[0] * (SECONDS - 1)],
    )
    totals = Totals(
        facts=sum(map(len, facts.values())),
        interactions=stored_interactions(parts),
        sessions=students,
    )
    return Class(
        content_id="5",
        seconds=SECONDS,
        parts=parts,
        sheets=[sheet_of(part, len(facts[str(part.index)])) for part in parts],
        findings=Findings(totals, heatmap, facts),
        truth=truth,
    )

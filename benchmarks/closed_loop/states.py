"""Is the stored state of each second the scripted one, and how soon is it said live?

Pure. Every second of every student counts, those of a change too: its truth is the mood of most of
it. A second with no stored fact, or with one that says "unknown", is a miss of its true state.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from demo.report import Class, percentile
from demo.script import Mood, Part, Scene
from demo.sheet import Sheet
from demo.truth import hidden_spans

STATES = tuple(mood.value for mood in Mood)
MISSING = "missing"
SECOND_MS = 1000
ON_TIME_MS = 1500
"""A live verdict has to be right so soon after a change."""


class OneState(msgspec.Struct, frozen=True):
    """How well one state is told."""

    state: str
    seconds: int
    """True ones."""
    precision: float
    recall: float
    f1: float


class States(msgspec.Struct, frozen=True):
    """How well all are told."""

    macro_f1: float
    accuracy: float
    unknown: float
    """Share of seconds that are stored as unknown."""
    by_state: list[OneState]
    confusion: dict[str, int]
    """Seconds by "true > stored"."""


class Lag(msgspec.Struct, frozen=True):
    """From a change before the camera to the first verdict that says so, ms."""

    changes: int
    said: int
    """How often the live state changed, unknown being one: more than true changes is flicker."""
    never: int
    """Changes that no verdict told before the next one."""
    p50_ms: float
    p95_ms: float
    max_ms: float
    """Of those that were told."""
    on_time: float
    """Share of the changes told within `ON_TIME_MS`."""
    captured_p95_ms: float
    """The same, to the capture of the frame that told it: what sampling and filter take, whatever
    the machine."""


def confusion_of(lesson: Class) -> Counter[tuple[str, str]]:
    """Student-seconds by (true, stored)."""
    counts: Counter[tuple[str, str]] = Counter()
    for part, sheet in zip(lesson.parts, lesson.sheets, strict=True):
        facts = {f.t_s: f.state for f in lesson.findings.facts.get(sheet.session_id, ())}
        counts.update((mood.value, facts.get(t_s, MISSING)) for t_s, mood in _seconds(part, sheet))
    return counts


def states_of(confusion: Mapping[tuple[str, str], int]) -> States:
    """Precision, recall and F1 of each state, and their mean."""
    total = max(sum(confusion.values()), 1)
    rows = [_one(state, confusion) for state in STATES]
    return States(
        macro_f1=round(sum(row.f1 for row in rows) / len(rows), 4),
        accuracy=round(sum(n for (true, said), n in confusion.items() if true == said) / total, 4),
        unknown=round(sum(n for (_, said), n in confusion.items() if said == "unknown") / total, 4),
        by_state=rows,
        confusion={f"{true} > {said}": n for (true, said), n in sorted(confusion.items())},
    )


def lag_of(parts: Iterable[Part], sheets: Iterable[Sheet]) -> Lag:
    """Measure every change of mood that lasts, while the page is visible."""
    parts, sheets = list(parts), list(sheets)
    lags = [lag for part, sheet in zip(parts, sheets, strict=True) for lag in _lags(part, sheet)]
    told = [lag.heard_ms for lag in lags if lag is not None]
    captured = [lag.captured_ms for lag in lags if lag is not None]
    on_time = sum(lag <= ON_TIME_MS for lag in told)
    return Lag(
        changes=len(lags),
        said=sum(a != b for sheet in sheets for (_, a), (_, b) in pairwise(sheet.said)),
        never=len(lags) - len(told),
        p50_ms=round(percentile(told, 0.5)),
        p95_ms=round(percentile(told, 0.95)),
        max_ms=round(max(told, default=0.0)),
        on_time=round(on_time / max(len(lags), 1), 3),
        captured_p95_ms=round(percentile(captured, 0.95)),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One change and the verdict that told it, ms since the change."""

    heard_ms: float
    captured_ms: float


def _one(state: str, confusion: Mapping[tuple[str, str], int]) -> OneState:
    hit = confusion.get((state, state), 0)
    true = sum(n for (meant, _), n in confusion.items() if meant == state)
    said = sum(n for (_, stored), n in confusion.items() if stored == state)
    f1 = 2 * hit / max(true + said, 1)
    return OneState(
        state, true, round(hit / max(said, 1), 4), round(hit / max(true, 1), 4), round(f1, 4)
    )


def _seconds(part: Part, sheet: Sheet) -> Iterator[tuple[int, Mood]]:
    """Whole seconds of the session and what the camera saw in most of each."""
    ahead_ms = (sheet.opened_at_us - sheet.began_us) / 1000
    hidden = hidden_spans(part)
    for t_s in range(int((part.ends_ms - ahead_ms) / SECOND_MS)):
        middle_ms = ahead_ms + (t_s + 0.5) * SECOND_MS
        if any(low - SECOND_MS < middle_ms < high + SECOND_MS for low, high in hidden):
            continue  # the camera sends nothing
        mood = _mood_at(part.scenes, middle_ms)
        if mood is not None:
            yield t_s, mood


def _mood_at(scenes: Sequence[Scene], at_ms: float) -> Mood | None:
    return next((s.mood for s in scenes if s.from_ms <= at_ms < s.to_ms), None)


def _lags(part: Part, sheet: Sheet) -> Iterator[_Told | None]:
    """How soon each change was told; None when no verdict told it in the scene."""
    hidden = hidden_spans(part)
    for scene in part.scenes[1:]:
        if any(low < scene.to_ms and scene.from_ms < high + SECOND_MS for low, high in hidden):
            continue
        heard = (
            _Told(at_ms - scene.from_ms, max(due_ms - scene.from_ms, 0.0))
            for (at_ms, state), (due_ms, _) in zip(sheet.said, sheet.waits, strict=True)
            if scene.from_ms <= at_ms < scene.to_ms and state == scene.mood.value
        )
        yield next(heard, None)

"""What the stored numbers must be if nothing was lost, doubled or bent.

Pure, in whole milliseconds: retention follows from the played pieces alone, states from the scenes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from demo.playing import Kind, Piece, played_by
from demo.script import Mood, Part

SECOND_MS = 1000
UNCERTAIN_MS = 1500
"""Around each change nobody can say which state a second is in."""

START_MS = 1000
"""Whoever played this much has started; whoever did not counts nowhere."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a class played, by content second."""

    starts: int
    unique_ms: tuple[int, ...]
    """Covered milliseconds of each second, summed over students."""
    played_ms: tuple[int, ...]
    """Played milliseconds of each second, re-watching counted again, summed over students."""

    def unique(self) -> list[float]:
        """Share of starts that covered each second."""
        return [covered / (SECOND_MS * max(self.starts, 1)) for covered in self.unique_ms]

    def absolute(self) -> list[float]:
        """Plays of each second per start."""
        return [played / (SECOND_MS * max(self.starts, 1)) for played in self.played_ms]


def retention(parts: Iterable[Part], length_ms: int) -> Retention:
    """Work out what the heatmap must show; only what was played visibly counts."""
    bins = -(-length_ms // SECOND_MS)
    unique_ms, played_ms = [0] * bins, [0] * bins
    starts = 0
    for part in parts:
        pieces = [piece for piece in played_by(part.deeds, length_ms).played() if piece.visible]
        if sum(piece.to_ms - piece.from_ms for piece in pieces) < START_MS:
            continue
        starts += 1
        for index, overlap_ms in _by_second((p.from_ms, p.to_ms) for p in pieces):
            played_ms[index] += overlap_ms
        for index, overlap_ms in _by_second(_union(pieces)):
            unique_ms[index] += overlap_ms
    return Retention(starts, tuple(unique_ms), tuple(played_ms))


def expected_mood(part: Part, from_ms: int, to_ms: int) -> Mood | None:
    """The state that must be stored for a span of a student's time.

    Args:
        part: what the student does.
        from_ms: beginning of the span, since the student came.
        to_ms: its end.

    Returns: None when the script says nothing about it: near a change, or while the page was hidden
        and the camera sent nothing.
    """
    near = (from_ms - UNCERTAIN_MS, to_ms + UNCERTAIN_MS)
    if any(near[0] < change_ms < near[1] for change_ms in changes(part)):
        return None
    if _hidden_during(part, from_ms, to_ms):
        return None
    for scene in part.scenes:
        if scene.from_ms <= from_ms and to_ms <= scene.to_ms:
            return scene.mood
    return None


def changes(part: Part) -> list[int]:
    """When what the camera sees changes, the coming and the going included."""
    page = [deed.at_ms for deed in part.deeds if deed.kind in {Kind.HIDDEN, Kind.VISIBLE}]
    return sorted({*(scene.from_ms for scene in part.scenes), part.ends_ms, *page})


def hidden_spans(part: Part) -> list[tuple[int, int]]:
    """When the page was hidden: from, to."""
    spans: list[tuple[int, int]] = []
    since_ms: int | None = None
    for deed in part.deeds:
        if deed.kind is Kind.HIDDEN:
            since_ms = deed.at_ms
        elif deed.kind is Kind.VISIBLE and since_ms is not None:
            spans.append((since_ms, deed.at_ms))
            since_ms = None
    return spans if since_ms is None else [*spans, (since_ms, part.ends_ms)]


def stored_interactions(parts: Sequence[Part]) -> int:
    """How many interactions must be stored: every deed once."""
    return sum(len(part.deeds) for part in parts)


def _hidden_during(part: Part, from_ms: int, to_ms: int) -> bool:
    return any(low < to_ms and from_ms < high for low, high in hidden_spans(part))


def _union(pieces: Iterable[Piece]) -> list[tuple[int, int]]:
    """Join what overlaps or touches."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted((piece.from_ms, piece.to_ms) for piece in pieces):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _by_second(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Cut spans at whole seconds: index of the second, milliseconds in it."""
    for low, high in spans:
        for index in range(low // SECOND_MS, -(-high // SECOND_MS)):
            begin_ms = index * SECOND_MS
            yield index, min(high, begin_ms + SECOND_MS) - max(low, begin_ms)

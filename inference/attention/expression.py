"""Which visible movement of the face lasts? A smile, or a frown, against the person's own usual.

Pure: memory goes in and comes out. Movements are compared with this person's own median, so that a
face that looks as if it smiled when at rest does not smile; one that always smiles does not either.
It names what can be seen and never a feeling, and it never enters attention.
The thresholds were set by hand; the frown is not validated. Source: none, so it claims little.
"""

from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

from inference.perception.observation import Movements

BINS = 20
"""Per movement, each a twentieth wide."""
KINDS_OF_MOVEMENT = 3
MAX_COUNT = 255
"""At this every count of a movement is halved: older frames count for less and less."""
USABLE_FRAMES = 20
"""Before so many frames nobody knows what is usual."""
SMILE_ABOVE, SMILE_S = 0.35, 1.0
FROWN_ABOVE, FROWN_S = 0.25, 2.0
SQUINT_ABOVE = 0.05
"""A frown narrows the eyes at least so much."""
SAME_WITHIN_S = 3.0
"""Frames further apart than this do not tell whether a movement lasted."""


class ExpressionKind(IntEnum):
    """A visible movement of the face. Numbers are those of `rapt.v1`."""

    SMILE = 1
    FROWN = 2


HOLD_S = {ExpressionKind.SMILE: SMILE_S, ExpressionKind.FROWN: FROWN_S}


@dataclass(frozen=True, slots=True)
class Expression:
    """A movement that lasts."""

    kind: ExpressionKind
    strength: float
    """Above the person's own usual, 0..1."""
    since_s: float
    """For how long, seconds."""


@dataclass(frozen=True, slots=True)
class Face:
    """What is remembered of one person's face: 60 bytes and four numbers."""

    counts: bytes = bytes(BINS * KINDS_OF_MOVEMENT)
    """How often each movement was how strong: smile, brows down, squint."""
    kind: ExpressionKind | None = None
    strength: float = 0.0
    began_s: float = 0.0
    read_s: float = 0.0
    """When movements were last read."""


def follow(face: Face, movements: Movements | None, now_s: float) -> tuple[Face, Expression | None]:
    """Take in one frame and say which movement lasts.

    Args:
        face: from `Face()`, or the frame before.
        movements: of this frame; None when none were read, which changes nothing for a while.
        now_s: when the frame was captured, seconds on any steady clock.
    """
    is_same = 0 <= now_s - face.read_s <= SAME_WITHIN_S
    if movements is None:
        return face, _said(face, now_s) if is_same else None
    values = (movements.smile, movements.brows_down, movements.squint)
    kind, strength = _moved(face.counts, values)
    goes_on = is_same and kind is face.kind
    began_s = face.began_s if goes_on else now_s
    after = Face(_learned(face.counts, values), kind, strength, began_s, now_s)
    return after, _said(after, now_s)


def _said(face: Face, now_s: float) -> Expression | None:
    """What was read to last; until it is read again, it is taken to go on."""
    if face.kind is None or face.read_s - face.began_s < HOLD_S[face.kind]:
        return None
    return Expression(face.kind, face.strength, now_s - face.began_s)


def _moved(counts: bytes, values: tuple[float, ...]) -> tuple[ExpressionKind | None, float]:
    """Which movement this frame shows, and how far above usual."""
    if sum(counts[:BINS]) < USABLE_FRAMES:
        return None, 0.0
    smile, brows, squint = (
        value - median(counts[index * BINS : (index + 1) * BINS])
        for index, value in enumerate(values)
    )
    if smile > SMILE_ABOVE:
        return ExpressionKind.SMILE, min(smile, 1.0)
    if brows > FROWN_ABOVE and squint > SQUINT_ABOVE:
        return ExpressionKind.FROWN, min(brows, 1.0)
    return None, 0.0


def median(counts: bytes) -> float:
    """Middle of the values that were counted, 0..1; between the edges of its bin."""
    half = sum(counts) / 2
    for index, total in enumerate(accumulate(counts)):
        if total >= half and counts[index]:
            return (index + 1 - (total - half) / counts[index]) / BINS
    return 0.0


def _learned(counts: bytes, values: tuple[float, ...]) -> bytes:
    after = bytearray(counts)
    for index, value in enumerate(values):
        first = index * BINS
        at = first + min(max(int(value * BINS), 0), BINS - 1)
        if after[at] == MAX_COUNT:
            after[first : first + BINS] = bytes(count // 2 for count in after[first : first + BINS])
        after[at] += 1
    return bytes(after)

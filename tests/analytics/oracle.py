"""The definitions of retention and attention, written out millisecond by millisecond and slow."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from analytics.facts import ExitReason, Fact, Role, Session

Curve = list[Fraction]


def counted(sessions: Sequence[Session], length_ms: int) -> list[Session]:
    """Return the starts: students, not void, at least one visible second played."""
    kept = []
    for row in sessions:
        ms = [m for s in row.segments if s.visible for m in range(s.from_ms, s.to_ms)]
        played = sum(1 for m in ms if m < length_ms)
        if row.role == Role.STUDENT and row.exit_reason != ExitReason.VOID and played >= 1000:
            kept.append(row)
    return kept


def _passes(row: Session, length_ms: int) -> list[int]:
    """Return how often each millisecond was played visibly."""
    passes = [0] * length_ms
    for segment in row.segments:
        if segment.visible:
            for ms in range(segment.from_ms, min(segment.to_ms, length_ms)):
                passes[ms] += 1
    return passes


def curves(sessions: Sequence[Session], length_ms: int, bin_ms: int) -> tuple[int, Curve, Curve]:
    """Return starts, absolute and unique retention as exact fractions."""
    starts = counted(sessions, length_ms)
    of_user: dict[int, list[int]] = defaultdict(lambda: [0] * length_ms)
    for row in starts:
        of_user[row.user_key] = [
            a + b for a, b in zip(of_user[row.user_key], _passes(row, length_ms), strict=True)
        ]
    absolute, unique = [], []
    for at in range(0, length_ms, bin_ms):
        span = range(at, min(at + bin_ms, length_ms))
        plays = sum(passes[ms] for passes in of_user.values() for ms in span)
        once = sum(passes[ms] > 0 for passes in of_user.values() for ms in span)
        absolute.append(Fraction(plays, len(span) * len(starts)) if starts else Fraction(0))
        unique.append(Fraction(once, len(span) * len(of_user)) if of_user else Fraction(0))
    return len(starts), absolute, unique


def attention(facts: Sequence[Fact], seconds: int) -> tuple[list[Fraction | None], list[int]]:
    """Return the mean over users of their own mean in each media second, and their number."""
    scores: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(seconds)]
    for row in facts:
        if row.attention_pct is None or not row.visible or row.role != Role.STUDENT:
            continue
        touched = {ms // 1000 for ms in range(row.media_ms, row.media_ms + row.advance_ms)}
        for second in touched & set(range(seconds)):
            scores[second][row.user_key].append(row.attention_pct)
    means: list[Fraction | None] = []
    for users in scores:
        own = [Fraction(sum(values), 100 * len(values)) for values in users.values()]
        means.append(sum(own, Fraction(0)) / len(own) if own else None)
    return means, [len(users) for users in scores]

"""What the questions of `queries` answer with.

64-bit ids are numbers here; who writes them as JSON writes them as text.
"""

from datetime import datetime

import msgspec

from analytics.facts import ExitReason, Player, Role, Segment


class Heatmap(msgspec.Struct, frozen=True, kw_only=True):
    """Retention and attention of one content, one entry a media second."""

    seconds: list[int]
    """0, 1, 2, ..."""
    starts: int
    """Sessions of students that played at least one second."""
    users: int
    """Students with a start."""
    absolute: list[float]
    """Passes per start; may exceed 1."""
    unique: list[float]
    """Share of the users who saw the second at least once."""
    attention: list[float | None]
    """Mean over users of their own mean, 0..1; None where nobody has a score."""
    n: list[int]
    """Users behind each value of `attention`."""


class FactRow(msgspec.Struct, frozen=True, kw_only=True):
    """One second of one session."""

    t_s: int
    media_ms: int
    advance_ms: int
    pass_no: int
    verdict: int
    """Number of the state in `rapt.v1.State`, 0 = no verdict."""
    confidence_pct: int
    attention_pct: int | None
    player: Player
    visible: bool
    idle: bool
    frames: int


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session, newest version."""

    session_id: int
    user_key: int
    role: Role
    device: str
    opened_at: datetime
    seen_at: datetime
    exit_reason: ExitReason
    first_ms: int
    last_ms: int
    max_ms: int
    watched_ms: int
    unique_ms: int
    hidden_ms: int
    segments: list[Segment]
    attention_n: int
    attention_mean: float | None
    """0..1 over its facts with a score; None without one."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a content has."""

    facts: int
    interactions: int
    sessions: int
    duplicate_facts: int
    """Facts stored more than once for the same (session, second) and not yet merged."""


class PulseRow(msgspec.Struct, frozen=True, kw_only=True):
    """The class's attention at one wall second."""

    at_s: int
    """Seconds since 1970 UTC."""
    median: float | None
    """0..1; None below k students."""
    low: float | None
    high: float | None
    n: int
    present: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """One content in a list, from its bins."""

    content_id: int
    users: int
    """Students with a start."""
    watched_ms: int
    """Visible milliseconds played, passes counted."""
    unique_ms: int
    """The same, each student once."""
    attention: float | None
    """Mean over seconds with a score; None without one."""
    updated_at: datetime
    """When the bins were computed."""

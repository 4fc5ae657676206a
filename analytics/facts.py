"""What the store keeps: Fact, Interaction, Session. Field order is the column order.

Numbers are those of `rapt.v1`: `Role(open.role)`, `Player(event.player)`,
`ExitReason(close.reason)` and `verdict=int(state)` take a message's value as it is; `kind` is the
proto's name in lower case (`EVENT_KIND_CAMERA_ON` is "camera_on").
None is "no score"; 0 is a score.

Names, e-mails, addresses and pictures have no field here and never enter the store.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated

import msgspec

U8 = Annotated[int, msgspec.Meta(ge=0, le=255)]
U16 = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
U32 = Annotated[int, msgspec.Meta(ge=0, le=4_294_967_295)]
U64 = Annotated[int, msgspec.Meta(ge=0)]  # msgspec itself takes no more than 64 bits
Pct = Annotated[int, msgspec.Meta(ge=0, le=100)]
Utc = Annotated[datetime, msgspec.Meta(tz=True)]


class Role(IntEnum):
    """Who watches. Staff are left out of every aggregate."""

    STUDENT = 1
    TEACHER = 2
    CREATOR = 3
    ADMIN = 4
    OPERATOR = 5


class Player(IntEnum):
    """What the player does."""

    UNKNOWN = 0
    PLAYING = 1
    PAUSED = 2
    BUFFERING = 3
    ENDED = 4


class ExitReason(IntEnum):
    """Why a session ended."""

    OPEN = 0
    LEFT = 1
    COMPLETED = 2
    LOST = 3
    TAKEN_OVER = 4
    VOID = 5


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True, tag="fact"):
    """One session-second."""

    tenant_id: U32
    """Institution, 32 bits."""
    content_id: U64
    """What is watched, 64 bits."""
    session_id: U64
    """One sitting, 64 bits."""
    t_s: U32
    """Whole seconds since the session opened, server clock."""
    user_key: U64
    """Random number that stands for the user, 64 bits."""
    course_id: U32 = 0
    """Course, 0 if none."""
    role: Role = Role.STUDENT
    """Role in this session."""
    ts: Utc
    """UTC: opened_at + t_s, never the arrival time."""
    media_ms: U32
    """Media position when the second began; lesson: since its start."""
    advance_ms: U16 = 0
    """Media played in it: 0 = not playing, 2000 = at double speed."""
    pass_no: U8 = 1
    """1 + times this session had played `media_ms` before, at most 255."""
    player: Player = Player.UNKNOWN
    """What the player did for most of it."""
    visible: bool
    """Page visible, and not blurred for more than 10 s."""
    idle: bool = False
    """No input for five minutes."""
    frames: U8 = 0
    """Verdicts in this second, at most 255."""
    attention_pct: Pct | None = None
    """Probability that the eyes are on the content, percent."""
    on_screen_pct: Pct | None = None
    """Share of the second's frames on the screen, percent."""
    eyes_closed_pct: Pct | None = None
    """Share of the second's frames with closed eyes, percent."""
    verdict: U8 = 0
    """Number of the state in `rapt.v1.State`; 0 = no verdict in this second."""
    confidence_pct: Pct = 0
    """Probability of that state, percent."""
    model: str = ""
    """Weights in use."""
    policy: str = ""
    """Policy pack and version in force."""
    fence: U32 = 0
    """Number of the user's lease."""
    batch: U64 = 0
    """Flush that carried it; the writer fills it."""
    keep_days: U16 = 400
    """Days until the row expires."""
    camera_keep_days: U16 = 30
    """Days until the values that come from the camera expire."""


class Interaction(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True, tag="act"):
    """One player or page event."""

    tenant_id: U32
    """Institution, 32 bits."""
    content_id: U64
    """What is watched, 64 bits."""
    session_id: U64
    """One sitting, 64 bits."""
    seq: U32
    """Number of the event in its session, from 1."""
    user_key: U64
    """Random number that stands for the user, 64 bits."""
    course_id: U32 = 0
    """Course, 0 if none."""
    role: Role = Role.STUDENT
    """Role in this session."""
    ts: Utc
    """UTC, the event's own time."""
    kind: str
    """Name of the event's kind; a beat is none, it only carries segments."""
    from_ms: U32
    """Media position; where a seek began."""
    to_ms: U32
    """Where a seek ended, otherwise `from_ms`."""
    value: float = 0.0
    """New speed, new volume, else 0."""
    fence: U32 = 0
    """Number of the user's lease."""
    batch: U64 = 0
    """Flush that carried it; the writer fills it."""
    keep_days: U16 = 400
    """Days until the row expires."""


class Segment(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """One contiguous played interval `[from_ms, to_ms)`."""

    from_ms: U32
    """First media millisecond played."""
    to_ms: U32
    """End, exclusive."""
    rate_pct: U16 = 100
    """Speed, percent of normal."""
    visible: bool = True
    """Whether the page was visible."""
    at: Utc
    """UTC, when it began."""


class Session(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="session"):
    """One user's sitting with one content, rewritten as it goes on. The newest version holds."""

    tenant_id: U32
    """Institution, 32 bits."""
    content_id: U64
    """What is watched, 64 bits."""
    session_id: U64
    """One sitting, 64 bits."""
    user_key: U64
    """Random number that stands for the user, 64 bits."""
    course_id: U32 = 0
    """Course, 0 if none."""
    role: Role = Role.STUDENT
    """Role in this session."""
    device: str = ""
    """Device class, e.g. "desktop", "phone", "puppet"."""
    opened_at: Utc
    """UTC; the same in every version."""
    seen_at: Utc
    """UTC, the last sign of life."""
    exit_reason: ExitReason = ExitReason.OPEN
    """Why it ended."""
    first_ms: U32 = 0
    """Media position where playing began. The writer fills this and the next five from segments."""
    last_ms: U32 = 0
    """Media position where playing ended last."""
    max_ms: U32 = 0
    """Furthest media position played."""
    watched_ms: U32 = 0
    """Visible media milliseconds played, passes counted."""
    unique_ms: U32 = 0
    """Visible media milliseconds played, each once."""
    hidden_ms: U32 = 0
    """Media milliseconds played while the page was hidden."""
    segments: tuple[Segment, ...] = ()
    """All played segments in order of playing; columns `segment.from_ms` and so on."""
    attention_n: U32 = 0
    """Facts with a score."""
    attention_sum: U32 = 0
    """Sum of their `attention_pct`."""
    attention_sumsq: U64 = 0
    """Sum of its squares."""
    fence: U32 = 0
    """Number of the user's lease."""
    keep_days: U16 = 400
    """Days until the row expires."""
    version: U64 = 0
    """Increasing number; 0 = the writer fills in the nanosecond clock."""


Row = Fact | Interaction | Session

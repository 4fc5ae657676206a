"""What a gateway and a worker say to each other, as plain values.

The numbers of every enum are those of `rapt.v1`; a test compares them. Only `wire` knows protobuf.
"""

from dataclasses import dataclass
from enum import IntEnum

from analytics.facts import ExitReason, Player, Role
from inference.attention.expression import Expression
from inference.attention.judge import Judgement
from inference.attention.played import Played
from inference.attention.seconds import Glance
from inference.perception.observation import Observation


class ShedReason(IntEnum):
    """Why a frame or an event is not used."""

    SUPERSEDED = 1
    EXPIRED = 2
    REFUSED_POOL_FULL = 3
    REFUSED_QUOTA = 4
    REFUSED_RATE = 5
    REFUSED_UNAVAILABLE = 6
    REJECTED_EMPTY = 7
    REJECTED_NOT_AN_IMAGE = 8
    REJECTED_TRUNCATED = 9
    REJECTED_TOO_MANY_BYTES = 10
    REJECTED_TOO_MANY_PIXELS = 11
    REJECTED_UNSUPPORTED = 12
    REJECTED_SEQUENCE = 13
    REJECTED_EVENT_POSITION = 14
    REJECTED_EVENT_TIME = 15
    REJECTED_EVENT_SEGMENTS = 16
    REJECTED_MESSAGE = 17
    REFUSED_SPOOL_FULL = 18
    CANCELLED = 19
    REFUSED_FAULT = 20


class EventKind(IntEnum):
    """What the player or the page did."""

    OPEN = 1
    PLAY = 2
    PAUSE = 3
    SEEK = 4
    RATE = 5
    STALL = 6
    ENDED = 7
    HIDDEN = 8
    VISIBLE = 9
    BLUR = 10
    FOCUS = 11
    IDLE = 12
    ACTIVE = 13
    CAPTIONS = 14
    FULLSCREEN = 15
    VOLUME = 16
    NOTE = 17
    MARK = 18
    HAND = 19
    POLL = 20
    BEAT = 21
    CLOSE = 22
    CAMERA_ON = 23
    CAMERA_OFF = 24


class Camera(IntEnum):
    """What a camera looks at."""

    WEBCAM = 1
    """One person before a screen."""
    ROOM = 2
    """A room full of people: presence and heads, never gaze or lids."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who watches what, and under which rules."""

    tenant_id: int
    content_id: int
    session_id: int
    user_key: int
    course_id: int
    role: Role
    fence: int
    opened_at_us: int
    content_length_ms: int
    policy: str
    keep_days: int
    camera_keep_days: int
    device: str
    acked_event_seq: int
    played: Played
    camera: Camera = Camera.WEBCAM
    state: bytes = b""
    """What the worker before this one knew; opaque, empty on the first opening."""
    now_us: int = 0
    """On the gateway's clock; 0 when it is the worker's."""
    inherited: "Inherited | None" = None
    """What earlier workers have written, and what they may not have; None at first."""


@dataclass(frozen=True, slots=True)
class Written:
    """What of a session is on disk, over all its calls."""

    until_s: int
    """Every second below this one has its fact, or will never have one."""
    facts: int = 0
    interactions: int = 0
    attention_n: int = 0
    attention_sum: int = 0
    attention_sumsq: int = 0


@dataclass(frozen=True, slots=True)
class Inherited:
    """With what a worker goes on where another one ended."""

    written: Written
    glances: tuple[Glance, ...] = ()
    """Verdicts of the seconds that are not known to be on disk."""
    events: "tuple[PlayerEvent, ...]" = ()
    """What the player did in those seconds; known, and on disk."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera picture; lives in memory only."""

    sequence: int
    captured_us: int
    budget_ms: int
    image: bytes


@dataclass(frozen=True, slots=True)
class PlayerEvent:
    """Something the player or the page did, with the whole played state."""

    seq: int
    kind: EventKind
    at_us: int
    position_ms: float
    to_ms: float
    value: float
    player: Player
    rate_pct: int
    visible: bool
    idle: bool
    played: Played


@dataclass(frozen=True, slots=True)
class Closing:
    """The session is over."""

    reason: ExitReason


@dataclass(frozen=True, slots=True)
class Shed:
    """What will not be used; also what a message becomes that breaks the contract."""

    reason: ShedReason
    detail: str
    frame_sequence: int | None = None
    event_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to send, and what is safe."""

    acked_sequence: int
    acked_event_seq: int
    fps_milli: int
    credits: int = 1
    width_px: int = 320
    jpeg_quality_pct: int = 60
    level: int = 0
    """How far the worker has stepped down, 0 = as configured .. 5."""
    written: Written | None = None
    """None when that has not changed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The call is accepted."""

    model: str
    provider: str
    max_frame_bytes: int
    max_frame_pixels: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one frame."""

    sequence: int
    captured_us: int
    judgement: Judgement
    observation: Observation
    queue_us: int
    server_us: int
    at_ms: int = 0
    """When the picture was taken, milliseconds since the session opened."""
    expression: Expression | None = None
    """A movement of the face that lasts; only where the policy allows it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the next call of the session brings back."""

    state: bytes
    """At most 2 KiB, opaque."""


@dataclass(frozen=True, slots=True)
class Drain:
    """The worker is going away; frames are answered until the call is cut."""

    grace_ms: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The call is over and everything is on disk."""

    frames_received: int
    frames_answered: int
    shed: tuple[tuple[ShedReason, int], ...]
    facts_written: int
    interactions_written: int
    acked_event_seq: int


Request = Opening | Frame | PlayerEvent | Closing | Shed
Response = Opened | Verdict | Shed | Pace | Closed | Checkpoint | Drain

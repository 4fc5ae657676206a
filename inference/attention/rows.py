"""One sitting's identity and its folds, as rows of the store.

Pure: `seconds` says what happened, this says whose it was.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.facts import ExitReason, Fact, Interaction, Role, Segment, Session
from inference.attention.played import Played
from inference.attention.seconds import Second

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(at_us: int) -> datetime:
    """Return microseconds since 1970 as a point in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


@dataclass(frozen=True, slots=True)
class Sitting:
    """What every row of a session repeats."""

    tenant_id: int
    content_id: int
    session_id: int
    user_key: int
    course_id: int
    role: Role
    device: str
    opened_at_us: int
    policy: str
    model: str
    fence: int
    keep_days: int
    camera_keep_days: int


@dataclass(slots=True)
class AttentionSums:
    """Sums over the facts of a session that have a score."""

    n: int = 0
    total: int = 0
    squares: int = 0

    def add(self, attention_pct: int | None) -> None:
        """Count one fact."""
        if attention_pct is not None:
            self.n += 1
            self.total += attention_pct
            self.squares += attention_pct * attention_pct


def fact(sitting: Sitting, second: Second) -> Fact:
    """Make the row of one session-second."""
    return Fact(
        tenant_id=sitting.tenant_id,
        content_id=sitting.content_id,
        session_id=sitting.session_id,
        t_s=second.t_s,
        user_key=sitting.user_key,
        course_id=sitting.course_id,
        role=sitting.role,
        ts=utc(sitting.opened_at_us + second.t_s * 1_000_000),
        media_ms=second.play.media_ms,
        advance_ms=second.play.advance_ms,
        pass_no=second.play.pass_no,
        player=second.play.player,
        visible=second.play.visible,
        idle=second.play.idle,
        frames=second.frames,
        attention_pct=second.attention_pct,
        on_screen_pct=second.on_screen_pct,
        eyes_closed_pct=second.eyes_closed_pct,
        verdict=int(second.state),
        confidence_pct=second.confidence_pct,
        model=sitting.model,
        policy=sitting.policy,
        fence=sitting.fence,
        keep_days=sitting.keep_days,
        camera_keep_days=sitting.camera_keep_days,
    )


def interaction(  # noqa: PLR0913  # one argument for each value of the event that is stored
    sitting: Sitting,
    *,
    seq: int,
    kind: str,
    at_us: int,
    from_ms: float,
    to_ms: float,
    value: float,
) -> Interaction:
    """Make the row of one player event."""
    return Interaction(
        tenant_id=sitting.tenant_id,
        content_id=sitting.content_id,
        session_id=sitting.session_id,
        seq=seq,
        user_key=sitting.user_key,
        course_id=sitting.course_id,
        role=sitting.role,
        ts=utc(at_us),
        kind=kind,
        from_ms=round(from_ms),
        to_ms=round(to_ms),
        value=value,
        fence=sitting.fence,
        keep_days=sitting.keep_days,
    )


def session(
    sitting: Sitting,
    played: Played,
    sums: AttentionSums,
    *,
    seen_at_us: int,
    exit_reason: ExitReason,
) -> Session:
    """Make the session's row as it stands now; the newest one replaces the others."""
    return Session(
        tenant_id=sitting.tenant_id,
        content_id=sitting.content_id,
        session_id=sitting.session_id,
        user_key=sitting.user_key,
        course_id=sitting.course_id,
        role=sitting.role,
        device=sitting.device,
        opened_at=utc(sitting.opened_at_us),
        seen_at=utc(seen_at_us),
        exit_reason=exit_reason,
        segments=tuple(
            Segment(from_ms=a_ms, to_ms=b_ms, rate_pct=rate, visible=bool(shown), at=utc(at_us))
            for a_ms, b_ms, rate, shown, at_us in played.rows()
        ),
        attention_n=sums.n,
        attention_sum=sums.total,
        attention_sumsq=sums.squares,
        fence=sitting.fence,
        keep_days=sitting.keep_days,
    )

"""How much a session may send, and what a worker is told about it."""

from dataclasses import dataclass

from rapt.rate import TokenBucket
from rapt.v1 import perception_pb2 as perception

from gateway.identity.tickets import Ticket
from gateway.viewing.ledger import EventLedger

# A worker takes 50 events a second and 200 at once; more wait here, so that none is refused there.
WORKER_EVENTS_PER_S = 45.0
WORKER_EVENTS_BURST = 150.0


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The same for every session of a gateway."""

    messages_per_s: float
    """Messages besides frames."""
    messages_burst: float
    frames_per_s: float
    max_waiting_events: int
    keep_days: int
    camera_keep_days: int
    beat_s: int


class Buckets:
    """What one session may still send now."""

    def __init__(self, rules: SessionRules) -> None:
        self.messages = TokenBucket(per_s=rules.messages_per_s, burst=rules.messages_burst)
        self.frames = TokenBucket(per_s=rules.frames_per_s, burst=2 * rules.frames_per_s)
        self.to_worker = TokenBucket(per_s=WORKER_EVENTS_PER_S, burst=WORKER_EVENTS_BURST)


def opening(ticket: Ticket, rules: SessionRules, ledger: EventLedger) -> perception.ObserveRequest:
    """Return the first message of a call: who watches what, and what is settled already."""
    return perception.ObserveRequest(
        open=perception.Open(
            tenant_id=ticket.tenant_id,
            content_id=ticket.content_id,
            session_id=ticket.session_id,
            user_key=ticket.user_key,
            role=perception.Role.ValueType(ticket.role),
            fence=ticket.fence,
            opened_at_us=ticket.opened_at_us,
            content_kind=perception.ContentKind.ValueType(ticket.content_kind),
            content_length_ms=ticket.content_length_ms,
            policy=ticket.policy,
            keep_days=rules.keep_days,
            camera_keep_days=rules.camera_keep_days,
            device=ticket.device,
            camera=perception.Camera.ValueType(ticket.camera),
            acked_event_seq=ledger.acked,
            segments=ledger.segments,
        )
    )

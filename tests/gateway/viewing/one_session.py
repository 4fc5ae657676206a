"""One viewing session without any server, and what it says to its browser."""

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat
from gateway.metrics import Metrics
from gateway.viewing.outbox import Outbox
from gateway.viewing.rules import SessionRules
from gateway.viewing.session import ViewingSession

TICKET = Ticket(1, 2, 3, 4, 1, 5, "Ada", "desktop", 6, "adult/1", 2, 60_000)
RULES = SessionRules(
    messages_per_s=100,
    messages_burst=500,
    frames_per_s=30,
    max_waiting_events=5,
    keep_days=400,
    camera_keep_days=30,
    beat_s=5,
)


def new_session(*, is_back: bool = False) -> tuple[ViewingSession, Outbox]:
    """Return a session and what its browser gets."""
    seat = LiveSeat(0, now_s=0.0)
    session = ViewingSession(TICKET, RULES, Metrics(), seat=seat, is_back=is_back)
    outbox = Outbox()
    session.attach(outbox, now_us=1)
    return session, outbox


def said(outbox: Outbox) -> list[viewing.ServerMessage]:
    """Take out what waits for the browser."""
    messages = []
    while (message := outbox._pop()) is not None:
        messages.append(message)
    return messages


def send(session: ViewingSession, now_s: float = 0.0, **message: object) -> None:
    """Let the browser send a message."""
    session.take_message(viewing.ClientMessage(**message), now_s=now_s, now_us=1)  # type: ignore[arg-type] # any one field


def tell(session: ViewingSession, now_s: float = 0.0, **message: object) -> None:
    """Let the worker say something."""
    session.take_response(perception.ObserveResponse(**message), now_s)  # type: ignore[arg-type] # any one field


def open_call(session: ViewingSession) -> None:
    """Let a worker take the session."""
    session.open_request()
    tell(session, opened=perception.Opened())

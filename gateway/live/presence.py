"""Who is here, in this process."""

from collections import defaultdict

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat


class Presence:
    """The students of each content who are connected to this process."""

    def __init__(self) -> None:
        self._here: dict[tuple[int, int], dict[int, LiveSeat]] = defaultdict(dict)

    def join(self, ticket: Ticket, seat: int | None, *, now_s: float) -> LiveSeat | None:
        """Give a student a live seat; None for staff, who are never counted."""
        if seat is None:
            return None
        live = LiveSeat(seat, now_s=now_s)
        self._here[ticket.tenant_id, ticket.content_id][ticket.session_id] = live
        return live

    def leave(self, ticket: Ticket) -> None:
        """Take the student's live seat away."""
        key = (ticket.tenant_id, ticket.content_id)
        self._here[key].pop(ticket.session_id, None)
        if not self._here[key]:
            del self._here[key]

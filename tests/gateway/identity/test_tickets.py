"""Tickets: only ours, only while they are good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import NotSignedIn

from gateway.identity.tickets import Ticket, Tickets

KEY = "k" * 32
TICKETS = Tickets(KEY, good_for_s=600)
ids = st.integers(1, 2**63 - 1)
tickets = st.builds(
    Ticket,
    tenant_id=st.integers(1, 2**32 - 1),
    content_id=ids,
    session_id=ids,
    user_key=ids,
    role=st.integers(1, 5),
    fence=st.integers(0, 2**32 - 1),
    name=st.text(min_size=1, max_size=80),
    device=st.text(max_size=32),
    opened_at_us=st.integers(0, 2**62),
    policy=st.just("adult/1"),
    content_kind=st.integers(1, 2),
    content_length_ms=st.integers(0, 2**32 - 1),
)


@given(tickets)
def test_a_ticket_says_what_was_signed(ticket: Ticket) -> None:
    """64-bit numbers and any name survive."""
    text = TICKETS.sign(ticket, now_s=1_000)
    assert TICKETS.read(text, now_s=1_599) == ticket
    with pytest.raises(NotSignedIn, match="expired"):
        TICKETS.read(text, now_s=1_600)


@given(tickets, st.integers(0, 2_000), st.integers(0, 255))
def test_a_changed_ticket_is_not_believed(ticket: Ticket, place: int, value: int) -> None:
    """Whichever character is changed, it is refused or says the same."""
    text = TICKETS.sign(ticket, now_s=1_000)
    place %= len(text)
    changed = text[:place] + chr(value) + text[place + 1 :]
    try:
        assert TICKETS.read(changed, now_s=1_001) == ticket
    except NotSignedIn:
        return


@given(st.text(max_size=200))
def test_nonsense_is_refused(text: str) -> None:
    """And never an error of ours."""
    with pytest.raises(NotSignedIn):
        TICKETS.read(text, now_s=0)


def test_another_key_opens_nothing() -> None:
    """A ticket of another gateway."""
    ticket = Ticket(1, 2, 3, 4, 1, 5, "Ada", "desktop", 6, "adult/1", 2, 60_000)
    text = Tickets("x" * 32, good_for_s=600).sign(ticket, now_s=1_000)
    with pytest.raises(NotSignedIn):
        TICKETS.read(text, now_s=1_001)

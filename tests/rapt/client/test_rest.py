"""REST answers and errors as the client tells them."""

import pytest
from rapt.client import Rest
from rapt.errors import NotFound, NotPermitted, NotSignedIn, RaptError, Rejected, Unavailable

from tests.demo.fakes import TOKEN, FakeGateway, serving


async def test_answers_are_typed_and_later_fields_are_ignored() -> None:
    """A newer gateway may say more."""
    async with serving(FakeGateway()) as gateway, Rest(gateway.url, TOKEN) as rest:
        content = await rest.create_content("t", kind="video", length_ms=60_000)
        assert content.id == "5"
        assert (await rest.heatmap("5")).attention == [None]
        assert (await rest.totals("5")).facts == 3
        assert [fact.state for fact in await rest.facts("77")] == ["focused"]
    assert gateway.authorizations == {f"Bearer {TOKEN}"}


async def test_the_opening_time_stands_in_the_ticket() -> None:
    """The client reads from when the seconds of a session count."""
    async with serving(FakeGateway()) as gateway, Rest(gateway.url, TOKEN) as rest:
        opened = await rest.open_session("5", "Somebody")
    assert opened.opened_at_us == 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, NotSignedIn),
        (403, NotPermitted),
        (404, NotFound),
        (413, Rejected),
        (429, Unavailable),
        (503, Unavailable),
    ],
)
async def test_a_refusal_says_why(status: int, error: type[RaptError]) -> None:
    """The sentence of the gateway reaches the caller."""
    async with serving(FakeGateway(status=status)) as gateway, Rest(gateway.url, TOKEN) as rest:
        with pytest.raises(error, match="no room today"):
            await rest.totals("5")


async def test_a_gateway_that_is_away_is_unavailable() -> None:
    """A refused connection is told as such."""
    async with serving(FakeGateway()) as gateway:
        url = gateway.url
    async with Rest(url, TOKEN) as rest:
        with pytest.raises(Unavailable, match="does not answer"):
            await rest.totals("5")

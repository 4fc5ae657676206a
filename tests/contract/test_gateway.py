"""The gateway and the one that stands for it in the client's tests answer the client alike."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from rapt.client import Rest, Viewing
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from tests.demo.fakes import FakeGateway, serving
from tests.services import Services


@pytest.fixture(params=["fake", "real"])
async def rest(request: pytest.FixtureRequest, running: Services) -> AsyncIterator[Rest]:
    """Return a gateway as its clients see it."""
    if request.param == "real":
        async with Rest(running.running.gateway_url, running.running.local_token) as real:
            yield real
        return
    async with serving(FakeGateway()) as gateway, Rest(gateway.url, "a token") as fake:
        yield fake


async def test_a_session_from_ticket_to_goodbye(rest: Rest, portrait: bytes) -> None:
    """Welcome, verdict, acknowledgement, closed: in this order, each with its number."""
    content = await rest.create_content("Contract", kind="video", length_ms=60_000)
    opened = await rest.open_session(content.id, "Ada")
    heard: asyncio.Queue[viewing.ServerMessage] = asyncio.Queue()
    client = Viewing(rest, opened, listen=heard.put_nowait)
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        group.create_task(client.run())
        welcome = await client.ready()
        assert abs(welcome.server_us - time.time_ns() // 1000) < 5_000_000
        assert welcome.beat_s > 0
        frames = await _until_measured(client, heard, portrait)
        client.tell(
            perception.PlayerEvent(
                kind=perception.EVENT_KIND_MARK,
                at_us=client.server_us(time.time_ns() // 1000),
                player=perception.PLAYER_STATE_PAUSED,
                rate_pct=100,
                visible=True,
            )
        )
        closed = await client.close(perception.EXIT_REASON_LEFT)
    assert closed.frames_received == frames
    assert closed.acked_event_seq == 1
    assert client.waiting_events == 0


async def test_answers_about_a_content_have_one_shape(rest: Rest) -> None:
    """As many values as seconds in every lane."""
    content = await rest.create_content("Contract", kind="video", length_ms=3_000)
    heatmap = await rest.heatmap(content.id)
    lanes = (heatmap.absolute, heatmap.unique, heatmap.attention, heatmap.n)
    assert {len(lane) for lane in lanes} == {len(heatmap.seconds)}
    totals = await rest.totals(content.id)
    assert min(totals.facts, totals.interactions, totals.sessions) >= 0


async def _until_measured(
    client: Viewing, heard: asyncio.Queue[viewing.ServerMessage], image: bytes
) -> int:
    """Offer frames until one has its verdict; return how many.

    Each may take a second only, and on a busy machine the first may be too late.
    """
    frames = 0
    while True:
        frames += 1
        captured_us = time.monotonic_ns() // 1000
        client.offer(image, captured_us=captured_us, width=320, height=240)
        while (message := await heard.get()).WhichOneof("message") not in {"verdict", "shed"}:
            pass
        if message.WhichOneof("message") == "verdict":
            assert message.verdict.sequence == frames
            return frames
        assert message.shed.reason == perception.SHED_REASON_EXPIRED

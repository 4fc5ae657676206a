"""A bad player event is refused by number; good ones around it are stored."""

import asyncio
import math
import time

import pytest
from rapt.client import Rest
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from tests.e2e.peer import Peer, open_session
from tests.services import Services

HOUR_US = 3_600_000_000
TOO_MANY = 10_000


def _event(seq: int, *, position_ms: float = 0.0, later_us: int = 0) -> perception.PlayerEvent:
    return perception.PlayerEvent(
        seq=seq,
        kind=perception.EVENT_KIND_NOTE,
        at_us=time.time_ns() // 1000 + later_us,
        position_ms=position_ms,
        to_ms=position_ms,
        player=perception.PLAYER_STATE_PAUSED,
        rate_pct=100,
        visible=True,
    )


@pytest.mark.parametrize(
    ("position_ms", "later_us", "reason"),
    [
        pytest.param(
            math.nan, 0, perception.SHED_REASON_REJECTED_EVENT_POSITION, id="not a number"
        ),
        pytest.param(-5.0, 0, perception.SHED_REASON_REJECTED_EVENT_POSITION, id="negative"),
        pytest.param(
            0.0, -60_000_000, perception.SHED_REASON_REJECTED_EVENT_TIME, id="back in time"
        ),
        pytest.param(0.0, HOUR_US, perception.SHED_REASON_REJECTED_EVENT_TIME, id="an hour ahead"),
    ],
)
async def test_bad_event_is_refused_and_the_others_stored(
    position_ms: float,
    later_us: int,
    reason: perception.ShedReason.ValueType,
    running: Services,
) -> None:
    """The answer names number and reason; the events before and after it are in the store."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        welcome = await peer.hello()
        await peer.send_event(_event(1))
        await peer.send_event(_event(2, position_ms=position_ms, later_us=later_us))
        shed = (await peer.answer("shed")).shed
        assert (shed.event_seq, shed.reason) == (2, reason)
        assert shed.detail
        await peer.send_event(_event(3))
        await peer.acknowledged(3)
        close = perception.Close(reason=perception.EXIT_REASON_LEFT)
        await peer.send(viewing.ClientMessage(close=close))
        closed = (await peer.answer("closed")).closed
        assert closed.interactions_written == 2
    async with Rest(running.running.gateway_url, running.running.local_token) as rest:
        await stored_interactions(rest, str(welcome.content_id), 2)


async def test_ten_thousand_events_in_a_second_harm_nobody(
    running: Services, portrait: bytes
) -> None:
    """Each is stored or refused by its number; another session gets its verdict meanwhile."""
    ada, ben = [await open_session(running.running, name) for name in ("Ada", "Ben")]
    async with Peer(running.running, ada) as noisy, Peer(running.running, ben) as calm:
        await noisy.hello()
        await calm.hello()
        flood = asyncio.create_task(_flood(noisy))
        await calm.send_frame(portrait, sequence=1)
        assert (await calm.answer("verdict")).verdict.sequence == 1
        refused = 0
        while True:
            message = await noisy.answer("shed", "control", "closed")
            if message.WhichOneof("message") == "shed":
                assert message.shed.reason == perception.SHED_REASON_REFUSED_RATE
                refused += 1
            if max(message.control.acked_event_seq, message.shed.control.acked_event_seq) >= (
                TOO_MANY
            ):
                break
        await flood
        assert refused > 0
        await noisy.send_frame(portrait, sequence=1)
        assert (await noisy.answer("verdict")).verdict.sequence == 1


async def _flood(peer: Peer) -> None:
    """Send them while somebody reads the answers: no more than some of these are kept waiting."""
    for seq in range(1, TOO_MANY + 1):
        await peer.send_event(_event(seq))


async def stored_interactions(rest: Rest, content_id: str, wanted: int) -> None:
    """Wait until the store has them, and see that there are no more."""
    late_s = time.monotonic() + 60
    while (totals := await rest.totals(content_id)).interactions < wanted:
        assert time.monotonic() < late_s, f"{totals.interactions} of {wanted} interactions stored"
    assert totals.interactions == wanted

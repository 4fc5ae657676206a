"""What is too big or too much on a socket: each has its answer, and ends nothing else."""

import asyncio
from contextlib import suppress
from pathlib import Path

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from websockets.exceptions import ConnectionClosed

from tests.gateway.fakes import FakeWorker
from tests.gateway.running import Running, config_for, event, frame, run_gateway


def frame_bytes() -> bytes:
    """Return a small frame."""
    return viewing.ClientMessage(frame=frame(1)).SerializeToString()


async def test_a_frame_of_five_megabytes_is_shed_and_ends_nothing(gateway: Running) -> None:
    """The answer names the frame and the limit."""
    async with gateway.student() as browser:
        await browser.send(frame=frame(1, b"\xff" * 5_000_000))
        shed = await browser.next_of("shed")
        assert shed.frame_sequence == 1
        assert shed.reason == perception.SHED_REASON_REJECTED_TOO_MANY_BYTES
        await browser.send(frame=frame(2))
        assert (await browser.next_of("verdict")).sequence == 2


async def test_a_message_that_is_too_big_closes_the_socket(gateway: Running) -> None:
    """Anything but a frame above 576 KiB is 4413."""
    async with gateway.student() as browser:
        segments = [perception.Segment(from_ms=i, to_ms=i + 1) for i in range(100_000)]
        await browser.send(player_event=event(1, segments=segments))
        assert (await browser.closed_with())[0] == 4413


async def test_a_large_message_of_nothing_is_not_taken_apart(gateway: Running) -> None:
    """Empty segments grow to twenty times their size; not even a ticket is needed to send them."""
    segments = b"\x5a\x00" * 400_000
    for disguise in (b"", frame_bytes()):
        async with gateway.browser() as browser:
            await browser.websocket.send(disguise + b"\x1a\x80\xea\x30" + segments)
            assert (await browser.closed_with())[0] == 4413


async def test_a_message_beyond_every_limit_closes_the_socket(gateway: Running) -> None:
    """What no message may be is not even read to its end."""
    async with gateway.student() as browser:
        with suppress(ConnectionClosed):  # it may be cut while we still send
            await browser.websocket.send(b"\0" * 9_000_000)
        await browser.closed_with()
        assert browser.websocket.close_code in {1009, 1006}


async def test_ten_thousand_events_in_a_second_are_answered_and_harm_nobody(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """Each is safe or refused by its number; another session has its verdict meanwhile."""
    config = config_for(tmp_path, worker.address, messages_burst=100, messages_per_s=10.0)
    async with (
        run_gateway(config) as gateway,
        gateway.student() as noisy,
        gateway.student() as calm,
    ):
        flood = asyncio.create_task(_flood(noisy.websocket, 10_000))
        await calm.send(frame=frame(1))
        assert (await calm.next_of("verdict")).sequence == 1
        refused = 0
        acked = 0
        while acked < 10_000:
            message = await noisy.next()
            kind = message.WhichOneof("message")
            if kind == "shed":
                assert message.shed.reason == perception.SHED_REASON_REFUSED_RATE
                refused += 1
            controls = (message.shed.control, message.control)
            acked = max(acked, *(control.acked_event_seq for control in controls))
        await flood
        assert refused > 5_000
        assert len(worker.perception.events) + refused == 10_000
        await noisy.send(frame=frame(1))
        assert (await noisy.next_of("verdict")).sequence == 1


async def _flood(websocket: object, count: int) -> None:
    send = getattr(websocket, "send")  # noqa: B009 - whatever can send
    for seq in range(1, count + 1):
        message = viewing.ClientMessage(player_event=event(seq, perception.EVENT_KIND_NOTE))
        await send(message.SerializeToString())


async def test_a_flood_of_frames_is_shed_by_rate(gateway: Running) -> None:
    """Beyond the allowed rate each frame has its answer, too."""
    async with gateway.student() as browser:
        for sequence in range(1, 301):
            await browser.send(frame=frame(sequence))
        answered: set[int] = set()
        reasons = set()
        while len(answered) < 300:
            message = await browser.next()
            if message.WhichOneof("message") == "verdict":
                answered.add(message.verdict.sequence)
            elif message.WhichOneof("message") == "shed":
                answered.add(message.shed.frame_sequence)
                reasons.add(message.shed.reason)
        assert perception.SHED_REASON_REFUSED_RATE in reasons

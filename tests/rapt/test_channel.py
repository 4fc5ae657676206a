"""How many frames hide in the transport while nobody reads? Measured through real sockets.

Of a sender that keeps to nothing: ours keep to credits besides, so that one frame is under way
(`tests/gateway/viewing/test_credits.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from rapt.channel import FRESH

from gateway.viewing.workers import CHANNEL_OPTIONS as GATEWAY
from inference.server import OPTIONS as WORKER

WARM_UP = 200  # frames that are read, so that windows have grown as far as they will
STUCK_S = 3.0  # a write that takes so long waits for the reader, and not for a busy machine

Options = Sequence[tuple[str, Any]]


@pytest.mark.parametrize(
    ("frame_bytes", "most"),
    [
        pytest.param(30_000, 5, id="30 kB: 640 x 480"),
        pytest.param(10_700, 14, id="10.7 kB: 320 x 240, what we ask for"),
    ],
)
async def test_few_frames_hide_between_a_gateway_and_a_worker_that_does_not_read(
    frame_bytes: int, most: int
) -> None:
    """The limit is in bytes, so small frames hide more; without credits those would be stale.

    About 150 kB: 64 kB at each end and a frame in each hand. How full both are when the reader
    stops is chance: three or four frames of 30 kB, nine to eleven of 10.7 kB.
    """
    assert await hidden(frame_bytes, client=GATEWAY, server=WORKER) <= most


async def test_with_the_defaults_over_a_minute_of_video_hides() -> None:
    """So the options are needed, and this test can see it."""
    assert await hidden(30_000, client=(), server=(("grpc.so_reuseport", 0),)) > 100


def test_both_ends_have_the_options() -> None:
    """One end alone does not bound it."""
    assert set(FRESH) <= set(GATEWAY)
    assert set(FRESH) <= set(WORKER)


async def hidden(frame_bytes: int, *, client: Options, server: Options) -> int:
    """Return how many frames a sender gets rid of after the reader has stopped."""
    frame = bytes(frame_bytes)
    async with (
        _stalling_server(server) as address,
        grpc.aio.insecure_channel(address, options=client) as channel,
    ):
        call = channel.stream_stream("/t.T/Stall", bytes, bytes)()
        for _ in range(WARM_UP):
            await call.write(frame)
            await call.read()
        await call.write(frame)  # read, and never answered
        sent = 0
        with suppress(TimeoutError):
            while sent < 1000:
                async with asyncio.timeout(STUCK_S):
                    await call.write(frame)
                sent += 1
        call.cancel()
        return sent


@asynccontextmanager
async def _stalling_server(options: Options) -> AsyncIterator[str]:
    """Answer every frame of the warm-up, take one more, and read no further."""
    is_over = asyncio.Event()

    async def stall(frames: AsyncIterator[bytes], _: object) -> AsyncIterator[bytes]:
        taken = 0
        async for frame in frames:
            taken += 1
            if taken > WARM_UP:
                await is_over.wait()
            yield frame[:1]

    handler = grpc.stream_stream_rpc_method_handler(stall, bytes, bytes)
    served = grpc.aio.server(options=options)
    served.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("t.T", {"Stall": handler}),)
    )
    port = served.add_insecure_port("127.0.0.1:0")
    await served.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        is_over.set()
        await served.stop(None)

"""A gateway vanishes without a word: no end of the stream, no reset, only silence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import grpc
import pytest

from inference import server
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event
from tests.inference.fakes import running_house

QUICK = {"grpc.keepalive_time_ms": 1000, "grpc.http2.ping_timeout_ms": 4000}
"""Not so quick that a busy machine answers a ping too late."""


class Cable:
    """A TCP connection between two parties that can be cut so that neither notices."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._ends: list[asyncio.StreamWriter] = []
        self.port = 0

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Cable"]:
        """Accept connections until the body is done."""
        listener = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            for end in self._ends:
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()

    def cut(self) -> None:
        """Carry nothing more, and close nothing."""
        self._is_whole.clear()

    async def _connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends += [back, there]
        with suppress(ConnectionError, asyncio.CancelledError):  # the test is over
            await asyncio.gather(self._carry(near, there), self._carry(far, back))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if not self._is_whole.is_set():
                continue  # lost on the way; the sender's own machine has taken it
            target.write(data)
        if self._is_whole.is_set():
            target.close()


async def test_a_silent_connection_is_ended_and_its_stream_freed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pings go unanswered; the session waits for its next call, which goes on where it was."""
    monkeypatch.setattr(server, "OPTIONS", tuple((dict(server.OPTIONS) | QUICK).items()))
    async with running_house() as house, Cable(house.worker.port).laid() as cable:
        streams = house.metrics.registry
        async with grpc.aio.insecure_channel(f"127.0.0.1:{cable.port}") as channel:
            call = Call(channel)
            await call.opened()
            await call.send(player_event=an_event(1))
            await call.until_acked(1)
            assert streams.get_sample_value("rapt_streams_open") == 1
            cable.cut()
            async with asyncio.timeout(WITHIN_S):
                while streams.get_sample_value("rapt_streams_open") != 0:  # noqa: ASYNC110  a gauge tells nobody
                    await asyncio.sleep(0.05)
            again = house.call()
            await again.opened(acked_event_seq=1)
            await again.send(frame=a_frame(1))
            assert (await again.until("verdict")).verdict.sequence == 1
            await again.closed()


def test_the_usual_patience_is_half_a_minute() -> None:
    """Long enough for a train in a tunnel, short enough for a stream's place."""
    options = dict(server.OPTIONS)
    assert options["grpc.http2.max_pings_without_data"] == 0
    assert options["grpc.keepalive_time_ms"] + options["grpc.http2.ping_timeout_ms"] <= 30_000
    assert options["grpc.keepalive_permit_without_calls"] == 1

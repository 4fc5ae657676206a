"""How frames get to a server and answers back, whatever the protocol."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import grpc

from benchmarks.load.job import Job
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Due

CHANNEL: tuple[tuple[str, int], ...] = (
    # The library's own channels are shared otherwise, and one connection would carry everything.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)
STREAMS_PER_CHANNEL = 50  # servers allow about a hundred calls on one connection
READY_S = 30.0


class Clock:
    """Seconds since the start that all processes share."""

    start_s = 0.0

    def now_s(self) -> float:
        """Return seconds since the start."""
        return time.monotonic() - self.start_s

    def calendar_us(self, at_s: float) -> int:
        """Return a moment as microseconds, as a camera would stamp it."""
        return round((self.start_s + at_s) * 1_000_000)


class Wire(Protocol):
    """A way to a server. `send` never waits: the schedule does not depend on the server."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        """Take the work of one process."""

    async def open(self) -> None:
        """Connect every stream; afterwards frames may be sent."""

    def send(self, due: Due) -> None:
        """Hand one frame to its connection."""

    async def close(self) -> None:
        """Give up what is still open."""


class Calls:
    """What all ways over gRPC share: channels, and tasks, any of which may fail and end alone."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        self._job = job
        self._log = log
        self._clock = clock
        self._channels: list[grpc.aio.Channel] = []
        self._running: set[asyncio.Task[None]] = set()

    async def _connected(
        self, *options: tuple[str, int]
    ) -> AsyncIterator[tuple[int, grpc.aio.Channel]]:
        """Give every stream a channel, and each channel a few streams."""
        for index, stream in enumerate(self._log.streams):
            if index % STREAMS_PER_CHANNEL == 0:
                address = self._job.target.address
                channel = grpc.aio.insecure_channel(address, options=(*CHANNEL, *options))
                self._channels.append(channel)
                await asyncio.wait_for(channel.channel_ready(), READY_S)
            yield stream, self._channels[-1]

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run something until it ends or `stop` is called."""
        task = asyncio.ensure_future(self._guarded(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except grpc.aio.AioRpcError as error:
            self._log.complain(f"{error.code().name}: {error.details()}")
        except (OSError, grpc.aio.UsageError, asyncio.InvalidStateError) as error:
            self._log.complain(f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Cut every call."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for channel in self._channels:
            await channel.close()


_STATUS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: Outcome.EXPIRED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Outcome.REFUSED,
    grpc.StatusCode.UNAVAILABLE: Outcome.REFUSED,
    grpc.StatusCode.CANCELLED: Outcome.CANCELLED,
    grpc.StatusCode.INVALID_ARGUMENT: Outcome.REJECTED,
}


def outcome_of(code: grpc.StatusCode) -> Outcome:
    """Return what a status means for a frame."""
    return _STATUS.get(code, Outcome.FAILED)

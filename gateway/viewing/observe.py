"""The Observe call of a session: opened, fed, listened to, and opened again when it is cut.

One channel for each worker; a session prefers the worker that its number points to and tries the
others in turn. Between attempts it waits 0.2 s doubling to 1 s, with half of it left to chance,
so that a thousand sessions do not come back in the same instant.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import grpc
import structlog
from rapt.backoff import Backoff
from rapt.bearer import metadata_with
from rapt.channel import FRESH
from rapt.health import is_serving
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import perception_pb2_grpc as perception_grpc

from gateway.metrics import Metrics
from gateway.viewing.phase import Phase
from gateway.viewing.session import ViewingSession

log = structlog.get_logger()

ObserveCall = grpc.aio.StreamStreamCall[perception.ObserveRequest, perception.ObserveResponse]

OPEN_S = 5.0  # a worker that says nothing for so long after Open is as good as gone
LAST_READ_S = 1.0  # for the end of a call after Closed
HEALTH_S = 2.0  # a worker that needs longer to say how it is does not answer
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 1.0
LONGEST_STAY_AWAY_S = 60.0  # whatever a worker asks for

CHANNEL_OPTIONS = [
    *FRESH,
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
]


class Workers:
    """Channels to the inference workers."""

    def __init__(self, addresses: Sequence[str], *, token: str = "") -> None:
        self.addresses = tuple(addresses)
        self._metadata = metadata_with(token)
        self._channels = [grpc.aio.insecure_channel(a, options=CHANNEL_OPTIONS) for a in addresses]
        self._stubs = [perception_grpc.PerceptionStub(channel) for channel in self._channels]

    def observe(self, session_id: int, attempt: int) -> ObserveCall:
        """Begin a call with the worker whose turn it is."""
        stub = self._stubs[(session_id + attempt) % len(self._stubs)]
        return stub.Observe(metadata=self._metadata)

    async def states(self) -> dict[str, str]:
        """Return what each worker says when it is asked now: ready or stopping; else away."""
        states = await asyncio.gather(*(_state(channel) for channel in self._channels))
        return dict(zip(self.addresses, states, strict=True))

    async def close(self) -> None:
        """Cut every call."""
        for channel in self._channels:
            await channel.close()


async def _state(channel: grpc.aio.Channel) -> str:
    """Ask the health service: a channel to a worker that hangs looks ready."""
    try:
        serves = await is_serving(channel, "rapt.v1.Perception", within_s=HEALTH_S)
    except grpc.aio.AioRpcError as error:
        has_answered = error.code() is grpc.StatusCode.UNIMPLEMENTED
        return "ready" if has_answered else "away"
    return "ready" if serves else "stopping"


CALL_OVER = (
    grpc.aio.AioRpcError,
    grpc.aio.UsageError,
    asyncio.InvalidStateError,  # a write after the worker ended the call
    TimeoutError,
)
"""What a call ends with when its worker is gone or refuses it; the next call follows."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a call ended."""

    was_opened: bool
    reason: str
    come_back_s: float
    """How long the worker asks us to stay away."""


class Observer:
    """Keeps the Observe call of each session alive."""

    def __init__(self, workers: Workers, metrics: Metrics) -> None:
        self._workers = workers
        self._metrics = metrics

    async def run(self, session: ViewingSession) -> None:
        """Serve one session until it has ended."""
        attempt = 0
        backoff = Backoff(first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        while not session.has_ended:
            ending = await self._one_call(session, attempt)
            if session.has_ended:
                return
            self._metrics.lost_calls.inc()
            if session.phase is not Phase.PAUSED:  # once, however often it is tried again
                session_id = session.ticket.session_id
                log.info("observe_lost", session_id=session_id, reason=ending.reason)
            session.call_lost()
            attempt += 1
            if ending.was_opened:
                backoff.succeeded()
            await asyncio.sleep(ending.come_back_s + backoff.next_s())

    async def _one_call(self, session: ViewingSession, attempt: int) -> _Ending:
        """Make one call and see it to its end."""
        call = self._workers.observe(session.ticket.session_id, attempt)
        reason, come_back_s = "", 0.0
        try:
            async with asyncio.TaskGroup() as both:
                writer = both.create_task(_write(call, session))
                await _read(call, session)
                writer.cancel()
        except* CALL_OVER as group:
            error = group.exceptions[0]
            reason = repr(error)
            if isinstance(error, grpc.aio.AioRpcError):
                reason, come_back_s = error.code().name, _come_back_s(error)
        finally:
            call.cancel()
        return _Ending(session.phase is Phase.MEASURING, reason, come_back_s)


def _come_back_s(error: grpc.aio.AioRpcError) -> float:
    """Return how long a worker that refuses asks us to stay away; 0 when it says nothing."""
    trailer = dict(error.trailing_metadata() or ())
    wanted = trailer.get("grpc-retry-pushback-ms", b"0")
    try:
        return min(max(int(wanted) / 1000, 0.0), LONGEST_STAY_AWAY_S)
    except ValueError:
        return 0.0


async def _write(call: ObserveCall, session: ViewingSession) -> None:
    await call.write(session.open_request())
    while True:
        session.has_work.clear()
        while (request := session.next_request(time.monotonic())) is not None:
            await call.write(request)
        with suppress(TimeoutError):
            async with asyncio.timeout(session.wait_s(time.monotonic())):
                await session.has_work.wait()


async def _read(call: ObserveCall, session: ViewingSession) -> None:
    async with asyncio.timeout(OPEN_S):
        response = await call.read()
    while isinstance(response, perception.ObserveResponse):  # until grpc.aio.EOF
        session.take_response(response, time.monotonic())
        if session.has_ended:
            await _end(call)
            return
        response = await call.read()


async def _end(call: ObserveCall) -> None:
    """Let the worker finish the call by itself, so that it does not look like a cut."""
    await call.done_writing()
    async with asyncio.timeout(LAST_READ_S):
        await call.read()

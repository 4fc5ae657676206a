"""The Observe call of a session: opened, fed, listened to, and opened again when it is over.

A worker that dies, refuses or drains is left alone for a while and the next one in the session's
order is asked at once; only when none takes it the session pauses. A call with a worker that is
gone from the placement is cut, even if its connection still stands.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import grpc
import structlog
from rapt.tracing.spans import Tracer
from rapt.v1 import perception_pb2 as perception

from gateway.metrics import Metrics
from gateway.viewing.phase import Phase
from gateway.viewing.session import ViewingSession
from gateway.viewing.turn import Turn
from gateway.viewing.workers import ObserveCall, Workers

log = structlog.get_logger()

OPEN_S = 5.0  # a worker that says nothing for so long after Open is as good as gone
LAST_READ_S = 1.0  # for the end of a call after Closed
LONGEST_STAY_AWAY_S = 60.0  # whatever a worker asks for
SPREAD_S = 0.1  # within which the sessions of a lost worker come to the others


class WorkerGone(Exception):
    """The worker of a call is not in the placement any more."""


CALL_OVER = (
    grpc.aio.AioRpcError,
    grpc.aio.UsageError,
    asyncio.InvalidStateError,  # a write after the worker ended the call
    TimeoutError,
    WorkerGone,
)
"""What a call ends with when its worker is gone or refuses it; the next call follows."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a call ended."""

    was_opened: bool
    has_moved: bool
    """The worker drains and has said everything."""
    reason: str
    come_back_s: float
    """How long the worker asks us to stay away."""


class Observer:
    """Keeps the Observe call of each session alive."""

    def __init__(self, workers: Workers, metrics: Metrics, tracer: Tracer | None = None) -> None:
        self._workers = workers
        self._tracer = tracer
        self._metrics = metrics
        self._chance = Random()  # noqa: S311  it spreads, it keeps no secret

    async def run(self, session: ViewingSession) -> None:
        """Serve one session until it has ended."""
        if self._tracer is None:
            await self._run(session, "")
            return
        span = self._tracer.begin("session", session_id=str(session.ticket.session_id))
        try:
            span.note(calls=await self._run(session, span.traceparent))
        finally:
            span.end()

    async def _run(self, session: ViewingSession, traceparent: str) -> int:
        """Serve one session until it has ended; return how many calls that took."""
        session_id, turn, calls = session.ticket.session_id, Turn(), 0
        while not session.has_ended:
            order = self._workers.placement.order(session_id)
            address = turn.next(order, time.monotonic())
            if address is None:
                session.call_lost()
                await asyncio.sleep(turn.wait_s(order, time.monotonic()))
                continue
            calls += 1
            call = self._workers.observe(address, traceparent=traceparent)
            ending = await self._one_call(session, call, address)
            if session.has_ended:
                break
            self._note(session, ending)
            if ending.was_opened:
                turn.left(address, time.monotonic(), for_s=ending.come_back_s)
            else:
                turn.refused(address, time.monotonic(), for_s=ending.come_back_s)
            if ending.was_opened and not ending.has_moved:
                await asyncio.sleep(self._chance.uniform(0, SPREAD_S))
        return calls

    def _note(self, session: ViewingSession, ending: _Ending) -> None:
        """Count how a call ended; say it once, however often it is tried again."""
        session.call_cut()
        session_id = session.ticket.session_id
        if ending.has_moved:
            self._metrics.moved_calls.inc()
            log.info("observe_moved", session_id=session_id)
            return
        self._metrics.lost_calls.inc()
        if session.phase is not Phase.PAUSED:
            log.info("observe_lost", session_id=session_id, reason=ending.reason)

    async def _one_call(self, session: ViewingSession, call: ObserveCall, address: str) -> _Ending:
        """See one call to its end."""
        opening = session.open_request()
        reason, come_back_s = "", 0.0
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(_write(call, session, opening))
                watch = tasks.create_task(self._watch(address))
                await _read(call, session)
                writer.cancel()
                watch.cancel()
        except* CALL_OVER as group:
            error = group.exceptions[0]
            reason = repr(error)
            if isinstance(error, grpc.aio.AioRpcError):
                reason, come_back_s = error.code().name, _come_back_s(error)
        finally:
            call.cancel()
        has_moved = session.is_leaving and not reason
        return _Ending(session.is_open, has_moved, reason, come_back_s)

    async def _watch(self, address: str) -> None:
        """Cut a call whose worker is gone, though its connection may still stand."""
        await self._workers.placement.until_gone(address)
        raise WorkerGone(address)


def _come_back_s(error: grpc.aio.AioRpcError) -> float:
    """Return how long a worker that refuses asks us to stay away; 0 when it says nothing."""
    trailer = dict(error.trailing_metadata() or ())
    wanted = trailer.get("grpc-retry-pushback-ms", b"0")
    try:
        return min(max(int(wanted) / 1000, 0.0), LONGEST_STAY_AWAY_S)
    except ValueError:
        return 0.0


async def _write(
    call: ObserveCall, session: ViewingSession, opening: perception.ObserveRequest
) -> None:
    opening.open.now_us = time.time_ns() // 1000
    await call.write(opening)
    while not session.is_leaving:
        session.has_work.clear()
        while (request := session.next_request(time.monotonic())) is not None:
            await call.write(request)
        if session.is_leaving:
            break
        with suppress(TimeoutError):
            async with asyncio.timeout(session.wait_s(time.monotonic())):
                await session.has_work.wait()
    await call.done_writing()


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

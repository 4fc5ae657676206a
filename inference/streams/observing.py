"""Perception.Observe at the gRPC edge: one call per session, from its token to its status.

Errors of ours become a status here. A status ends a call, so only an opening or a broken call gets
one; single frames and events are answered on the stream, also messages that cannot be parsed.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import grpc
import structlog
from rapt.errors import Fault, InvalidMessage, RaptError, TooLate
from rapt.v1 import perception_pb2

from inference.ending import end_call, first_of
from inference.grants import Grant, Grants
from inference.messages import Opening, Pace, Response, Shed, ShedReason
from inference.streams.frames import expected_faces
from inference.streams.stream import House, Received, Send, Stream
from inference.wire.reading import reader
from inference.wire.requests import read_request, write_response

SERVICE = perception_pb2.DESCRIPTOR.services_by_name["Perception"].full_name

OPENS_WITHIN_S = 10.0
"""A call that opens nothing is counted nowhere, so it must not stay."""
ARRIVES_WITHIN_S = 0.05
"""An answer under way is let out first: the status of a call cannot overtake it."""

Context = grpc.aio.ServicerContext[Any, Any]

_parse = reader(perception_pb2.ObserveRequest)

log = structlog.get_logger()


class Perception:
    """Opens a stream for each call and closes it with its status."""

    def __init__(self, house: House, grants: Grants) -> None:
        self._house = house
        self._grants = grants
        self._numbers = itertools.count(1)

    def handler(self) -> grpc.GenericRpcHandler:
        """Return what a gRPC server needs to answer the calls."""
        observe: Any = grpc.stream_stream_rpc_method_handler(
            self.observe, _read, perception_pb2.ObserveResponse.SerializeToString
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"Observe": observe})

    async def observe(self, received: AsyncIterator[Received], context: Context) -> None:
        """Serve one session until either side ends it."""
        failure: RaptError | None = None
        try:
            grant = self._grants.of(context.invocation_metadata())
            await self._serve(received, grant, context)
        except* RaptError as group:
            failure = first_of(group)
        except* Exception:  # the edge: what nobody expected is our fault, and ends this call alone
            log.exception("stream_failed")
            failure = Fault("our fault; open the call again")
        if failure is not None:
            log.info("stream_aborted", error=type(failure).__name__, detail=str(failure))
            try:
                await end_call(context, failure)
            finally:
                failure = None  # its traceback holds this frame

    async def _serve(
        self, requests: AsyncIterator[Received], grant: Grant, context: Context
    ) -> None:
        try:
            async with asyncio.timeout(OPENS_WITHIN_S):
                opening = await anext(requests, None)
        except TimeoutError:
            raise TooLate(f"nothing was opened within {OPENS_WITHIN_S:.0f} s") from None
        if opening is None:
            return
        if isinstance(opening, InvalidMessage):
            raise InvalidMessage(str(opening))  # itself it would hold this frame, and the frame it
        if not isinstance(opening, Opening):
            raise InvalidMessage("the first message of a call must be open")
        grant.check_tenant(opening.tenant_id)
        load = self._house.load
        quota = grant if grant.tenant_id is not None else None
        load.admit(opening.tenant_id, faces=expected_faces(opening.camera), quota=quota)
        carried = self._house.sessions.open(opening)
        stream = Stream(self._house, carried, number=next(self._numbers))

        session_id = opening.session_id
        load.join(stream.frames, quota=quota)
        log.info("stream_opened", session_id=session_id, fps_milli=stream.frames.terms.fps_milli)
        try:
            with self._traced(stream, context, session_id):
                await stream.run(requests, _sender(context))
        finally:
            load.leave(stream.frames)
            tally = stream.tally
            log.info(
                "stream_closed",
                session_id=session_id,
                frames_received=tally.frames_received,
                frames_answered=tally.frames_answered,
                shed={reason.name.lower(): count for reason, count in tally.shed()},
                facts_written=carried.session.written.facts,
            )

    def _traced(
        self, stream: Stream, context: Context, session_id: int
    ) -> AbstractContextManager[None]:
        """Follow a stream where somebody wants to."""
        traces = self._house.traces
        if traces is None:
            return nullcontext()
        metadata = context.invocation_metadata()
        return traces.stream(stream.frames, metadata, session_id=session_id, tally=stream.tally)


def _sender(context: Context) -> Send:
    """Return what writes the answers of one call."""

    async def send(response: Response, pace: Pace) -> None:
        try:
            await context.write(write_response(response, pace))
        except asyncio.CancelledError:
            await asyncio.sleep(ARRIVES_WITHIN_S)
            raise

    return send


def _read(data: bytes) -> Received:
    """Read a message; what is none becomes what its sender is told."""
    message = _parse(data)
    if isinstance(message, InvalidMessage):
        return Shed(ShedReason.REJECTED_MESSAGE, str(message))
    try:
        return read_request(message)
    except InvalidMessage as wrong:  # an opening; whoever expects one raises it
        return wrong.with_traceback(None)  # which would hold the call, and the call it

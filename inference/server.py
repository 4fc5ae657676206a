"""The gRPC edge of one worker: Perception.Observe, health, reflection.

Errors of ours become a status here and nowhere else. A status ends a call, so only an opening or a
broken call gets one; single frames and events are answered on the stream.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_address

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from rapt.bearer import is_allowed
from rapt.channel import FRESH
from rapt.errors import (
    Fault,
    InvalidMessage,
    Misconfigured,
    NotSignedIn,
    Overloaded,
    RaptError,
)
from rapt.v1 import perception_pb2, perception_pb2_grpc

from inference.messages import Opening, Pace, Request, Response
from inference.streams import House, Stream
from inference.wire import read_request, write_response

SERVICE = perception_pb2.DESCRIPTOR.services_by_name["Perception"].full_name
MAX_MESSAGE_BYTES = 16 * 1024 * 1024  # far above a frame, so that a large one is answered, not cut
RETRY_AFTER_MS = 5000  # room comes when a session ends, not from one second to the next
OPTIONS = (
    *FRESH,
    # By default a second server binds the same port without an error.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)

log = structlog.get_logger()


class Perception(perception_pb2_grpc.PerceptionServicer):
    """Opens a stream for each call and closes it with its status."""

    def __init__(self, house: House, *, token: str) -> None:
        self._house = house
        self._token = token
        self._numbers = itertools.count(1)

    async def Observe(  # type: ignore[override]  # noqa: N802  # gRPC names it; the generated base allows sync servers, too
        self,
        request_iterator: AsyncIterator[perception_pb2.ObserveRequest],
        context: grpc.aio.ServicerContext[
            perception_pb2.ObserveRequest, perception_pb2.ObserveResponse
        ],
    ) -> None:
        """Serve one session until either side ends it."""
        failure: RaptError | None = None
        try:
            self._check_token(context)
            await self._serve(_values(request_iterator), context)
        except* RaptError as group:
            failure = _first(group)
        except* Exception:  # the edge: what nobody expected is our fault, and ends this call alone
            log.exception("stream_failed")
            failure = Fault("our fault; open the call again")
        if failure is not None:
            trailer: tuple[tuple[str, str], ...] = ()
            if isinstance(failure, Overloaded):
                trailer = (("grpc-retry-pushback-ms", str(RETRY_AFTER_MS)),)
            log.info("stream_aborted", error=type(failure).__name__, detail=str(failure))
            await context.abort(failure.code, str(failure), trailer)

    def _check_token(
        self,
        context: grpc.aio.ServicerContext[
            perception_pb2.ObserveRequest, perception_pb2.ObserveResponse
        ],
    ) -> None:
        """Let only our own gateways pass; others on this machine reach the port, too.

        Raises:
            NotSignedIn: the call does not bring the token.
        """
        metadata = context.invocation_metadata() or ()
        if not is_allowed(((key, value) for key, value in metadata), self._token):
            raise NotSignedIn("the call does not bring this worker's token")

    async def _serve(
        self,
        requests: AsyncIterator[Request],
        context: grpc.aio.ServicerContext[
            perception_pb2.ObserveRequest, perception_pb2.ObserveResponse
        ],
    ) -> None:
        opening = await anext(requests, None)
        if opening is None:
            return
        if not isinstance(opening, Opening):
            raise InvalidMessage("the first message of a call must be open")
        load = self._house.load
        load.admit(opening.tenant_id)
        seat = self._house.sessions.open(opening)
        stream = Stream(self._house, seat, number=next(self._numbers))

        async def send(response: Response, pace: Pace) -> None:
            await context.write(write_response(response, pace))

        session_id = opening.session_id
        load.join(stream)
        log.info("stream_opened", session_id=session_id, fps_milli=stream.terms.fps_milli)
        try:
            await stream.run(requests, send)
        finally:
            load.leave(stream)
            tally = stream.tally
            log.info(
                "stream_closed",
                session_id=session_id,
                frames_received=tally.frames_received,
                frames_answered=tally.frames_answered,
                shed={reason.name.lower(): count for reason, count in tally.shed()},
                facts_written=tally.facts_written,
            )


class Server:
    """The listening side of a worker."""

    def __init__(self, house: House, *, listen: str, token: str = "") -> None:
        """Bind the address.

        Raises:
            Misconfigured: it is taken, or open to others without a token.
        """
        if not token and not is_loopback(listen):
            raise Misconfigured(
                f"{listen} is not this machine alone; set RAPT_INFERENCE_TOKEN and the same as"
                " RAPT_GATEWAY_INFERENCE_TOKEN"
            )
        self._server = grpc.aio.server(options=OPTIONS)
        perception_pb2_grpc.add_PerceptionServicer_to_server(
            Perception(house, token=token), self._server
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        try:
            self.port = self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise Misconfigured(
                f"cannot listen on {listen}: it is taken or not ours; set RAPT_INFERENCE_LISTEN"
            ) from error

    async def start(self) -> None:
        """Accept calls and say so."""
        await self._server.start()
        await self._set_health(is_serving=True)

    async def stop_accepting(self) -> None:
        """Tell everyone who asks that this worker is going away."""
        await self._set_health(is_serving=False)

    async def stop(self, grace_s: float) -> None:
        """Refuse new calls, wait for open ones, cut what is left."""
        await self._server.stop(grace_s)

    async def _set_health(self, *, is_serving: bool) -> None:
        answers = health_pb2.HealthCheckResponse
        for name in (SERVICE, health.OVERALL_HEALTH):
            await self._health.set(name, answers.SERVING if is_serving else answers.NOT_SERVING)


def is_loopback(listen: str) -> bool:
    """Return whether only this machine reaches an address."""
    host = listen.rpartition(":")[0].strip("[]")
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or listen.startswith("unix:")


async def _values(
    requests: AsyncIterator[perception_pb2.ObserveRequest],
) -> AsyncIterator[Request]:
    async for request in requests:
        yield read_request(request)


def _first(group: BaseExceptionGroup[RaptError]) -> RaptError:
    """Return the first error of a group, however deep."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, RaptError)  # noqa: S101  # the group holds nothing else
    return error

"""The listening side of a worker: who may come in, and which services they find.

One port for all of them: Perception.Observe, the Open Inference Protocol, health, reflection.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from rapt.channel import FRESH
from rapt.errors import Misconfigured
from rapt.tls import ServerTls

from inference.grants import Grants
from inference.metrics import Metrics
from inference.oip import handlers
from inference.oip.models import MAX_REQUEST_BYTES, ServedModel
from inference.oip.service import OpenInference
from inference.streams import observing
from inference.streams.observing import Perception
from inference.streams.stream import House

MAX_WAITING = 1024
MAX_UNSEEN = 16_384
"""Calls that have come and were not looked at; a few kilobytes each."""
OPTIONS = (
    *FRESH,
    # By default a second server binds the same port without an error.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    # Above a thousand calls that wait to be looked at gRPC cuts some with CANCELLED, which says
    # nothing. Here each is looked at, and refused with a sentence.
    ("grpc.server.max_pending_requests", MAX_UNSEEN),
    ("grpc.server.max_pending_requests_hard_limit", 2 * MAX_UNSEEN),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens, and who may come in."""

    listen: str
    grants: Grants = field(default_factory=Grants)
    tls: ServerTls | None = None
    max_waiting: int = MAX_WAITING
    """Requests to models that may wait or run at the same time."""

    def check(self) -> None:
        """See that nobody comes in by accident.

        Raises:
            Misconfigured: it is open to other machines without asking them for anything.
        """
        asks = not self.grants.are_open or (self.tls is not None and self.tls.client_ca)
        if not asks and not is_loopback(self.listen):
            raise Misconfigured(
                f"{self.listen} is not this machine alone; set RAPT_INFERENCE_TOKEN and the same as"
                " RAPT_GATEWAY_INFERENCE_TOKEN"
            )


class Server:
    """Serves models by name, and streams where there is a house for them."""

    def __init__(
        self, door: Door, *, models: Mapping[str, ServedModel], house: House | None = None
    ) -> None:
        """Bind the address.

        Args:
            door: where, and for whom.
            models: of the Open Inference Protocol, by name.
            house: what streams share; none = no Perception service.

        Raises:
            Misconfigured: the address is taken, or open to others without a token.
        """
        door.check()
        self._server = grpc.aio.server(options=OPTIONS)
        self._names: list[str] = []
        if house is not None:
            self._server.add_generic_rpc_handlers((Perception(house, door.grants).handler(),))
            self._names.append(observing.SERVICE)
        metrics = house.metrics if house is not None else Metrics()
        self._inference = OpenInference(models, max_waiting=door.max_waiting, metrics=metrics)
        handler = handlers.handler_of(self._inference, door.grants)
        self._server.add_generic_rpc_handlers((handler,))
        self._names.append(handlers.SERVICE)
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self.port = self._bind(door)

    def _bind(self, door: Door) -> int:
        try:
            if door.tls is None:
                return self._server.add_insecure_port(door.listen)
            return self._server.add_secure_port(door.listen, door.tls.credentials())
        except RuntimeError as error:
            raise Misconfigured(
                f"cannot listen on {door.listen}: it is taken or not ours; set"
                " RAPT_INFERENCE_LISTEN"
            ) from error

    async def start(self) -> None:
        """Accept calls and say so."""
        await self._server.start()
        await self._set_ready(is_ready=True)

    async def stop_accepting(self) -> None:
        """Tell everyone who asks that this worker is going away."""
        await self._set_ready(is_ready=False)

    async def stop(self, grace_s: float) -> None:
        """Refuse new calls, wait for open ones, cut what is left."""
        await self._server.stop(grace_s)

    async def _set_ready(self, *, is_ready: bool) -> None:
        self._inference.is_ready = is_ready
        answers = health_pb2.HealthCheckResponse
        for name in (*self._names, health.OVERALL_HEALTH):
            await self._health.set(name, answers.SERVING if is_ready else answers.NOT_SERVING)


def is_loopback(listen: str) -> bool:
    """Return whether only this machine reaches an address."""
    host = listen.rpartition(":")[0].strip("[]")
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or listen.startswith("unix:")

"""Connections to the inference workers: one channel for each address, made when it is needed."""

import asyncio

import grpc
from rapt.bearer import metadata_with
from rapt.channel import FRESH
from rapt.health import is_serving
from rapt.tls import ClientTls, open_channel
from rapt.tracing.spans import KEY as TRACEPARENT
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import perception_pb2_grpc as perception_grpc

from gateway.viewing.placement import Placement

ObserveCall = grpc.aio.StreamStreamCall[perception.ObserveRequest, perception.ObserveResponse]

HEALTH_S = 2.0  # a worker that needs longer to say how it is does not answer

CHANNEL_OPTIONS = [
    *FRESH,
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
]


class Workers:
    """Channels to the workers of a placement."""

    def __init__(
        self, placement: Placement, *, token: str = "", tls: ClientTls | None = None
    ) -> None:
        self.placement = placement
        self._tls = tls
        self._metadata = metadata_with(token)
        self._channels: dict[str, grpc.aio.Channel] = {}

    def observe(self, address: str, *, traceparent: str = "") -> ObserveCall:
        """Begin a call with a worker, under a span if there is one."""
        stub = perception_grpc.PerceptionStub(self._channel(address))
        under = ((TRACEPARENT, traceparent),) if traceparent else ()
        return stub.Observe(metadata=(*self._metadata, *under))

    async def states(self) -> dict[str, str]:
        """Return what each worker says when it is asked now: ready or stopping; else away."""
        addresses = self.placement.addresses
        states = await asyncio.gather(*(self._state(address) for address in addresses))
        return dict(zip(addresses, states, strict=True))

    async def answers(self, address: str) -> bool:
        """Return whether a worker says that it is ready."""
        return await self._state(address) == "ready"

    async def tidy(self) -> None:
        """Close the channels to workers that are not there any more."""
        for address in self._channels.keys() - set(self.placement.addresses):
            await self._channels.pop(address).close()

    async def close(self) -> None:
        """Cut every call."""
        while self._channels:
            await self._channels.popitem()[1].close()

    def _channel(self, address: str) -> grpc.aio.Channel:
        channel = self._channels.get(address)
        if channel is None:
            channel = open_channel(address, tls=self._tls, options=CHANNEL_OPTIONS)
            self._channels[address] = channel
        return channel

    async def _state(self, address: str) -> str:
        """Ask the health service: a channel to a worker that hangs looks ready."""
        try:
            channel = self._channel(address)
            serves = await is_serving(channel, "rapt.v1.Perception", within_s=HEALTH_S)
        except grpc.aio.AioRpcError as error:
            has_answered = error.code() is grpc.StatusCode.UNIMPLEMENTED
            return "ready" if has_answered else "away"
        return "ready" if serves else "stopping"

"""Calls to the workers' half of the protocol, each to a worker that takes it.

A sequence always goes to the same worker, because its memory is there. Anything else goes to a
worker by chance; one that refuses before it has begun is followed by the next, once.
"""

import secrets
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from rapt.bearer import metadata_with
from rapt.channel import FRESH
from rapt.errors import Unavailable
from rapt.oip import inference_pb2_grpc
from rapt.tls import ClientTls, open_channel

MAX_REPLY_BYTES = 16 * 1024 * 1024
ANSWER_S = 5.0
"""Within which a worker says what it knows; inference has the caller's own time."""
INFER_S = 3700.0
"""Longer than any timeout that a request may name."""
MAX_TRIES = 2

CHANNEL_OPTIONS = [
    *FRESH,
    ("grpc.max_receive_message_length", MAX_REPLY_BYTES),
    ("grpc.enable_retries", 0),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]

ReplyT = TypeVar("ReplyT", bound=Message)


class Placement(Protocol):
    """Where the workers are."""

    def order(self, session_id: int) -> list[str]:
        """Return the addresses for a number, whose turn it is first."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where every worker is."""


class ModelCalls:
    """Asks the workers."""

    def __init__(self, placement: Placement, *, token: str, tls: ClientTls | None) -> None:
        self._placement = placement
        self._metadata = metadata_with(token)
        self._tls = tls
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def ask(self, method: str, question: Message, *, sequence: int | None = None) -> Any:
        """Return a worker's answer to a unary call, a message of the method's own kind.

        Args:
            method: name of the call.
            question: its message.
            sequence: number of the sequence that it belongs to; None = any worker will do.

        Raises:
            Unavailable: there is no worker.
            grpc.aio.AioRpcError: the worker's error.
        """
        number = secrets.randbits(63) if sequence is None else sequence
        addresses = self._placement.order(number)
        if not addresses:
            raise Unavailable("no worker is ready; try again later")
        within_s = INFER_S if method == "ModelInfer" else ANSWER_S
        turns = addresses[: 1 if sequence is not None else MAX_TRIES]
        for address in turns[:-1]:
            try:
                return await self._call(address, method, question, within_s)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
        return await self._call(turns[-1], method, question, within_s)

    async def close(self) -> None:
        """Cut every call."""
        while self._channels:
            await self._channels.popitem()[1].close()

    async def _call(self, address: str, method: str, question: Message, within_s: float) -> Any:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(await self._channel(address))
        call = getattr(stub, method)
        return await call(question, metadata=self._metadata, timeout=within_s)

    async def _channel(self, address: str) -> grpc.aio.Channel:
        """Return the channel to a worker; those to workers that are gone are closed meanwhile."""
        for gone in self._channels.keys() - {*self._placement.addresses, address}:
            await self._channels.pop(gone).close()
        channel = self._channels.get(address)
        if channel is None:
            channel = open_channel(address, tls=self._tls, options=CHANNEL_OPTIONS)
            self._channels[address] = channel
        return channel

"""One ModelStreamInfer call: many requests, one reply for each as soon as it is ready.

An error is a message of the stream, unless the caller asked for a status: then the first one ends
the call. A caller that sends without reading is not read any further when `MAX_OPEN` replies are
owed, and one that takes nothing for `SLOW_READER_S` loses the call.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

from rapt.errors import InvalidMessage, RaptError, Unavailable
from rapt.oip import inference_pb2 as pb

from inference.ending import first_of
from inference.oip.models import Asking, Outcome, Reply

MAX_OPEN = 1024
"""Requests of one call that are read and whose replies are not written."""
SLOW_READER_S = 10.0

Received = pb.ModelInferRequest | InvalidMessage
"""A request, or what is wrong with bytes that are none."""
Begin = Callable[[Received, Reply], Asking]
Write = Callable[[pb.ModelStreamInferResponse], Awaitable[None]]


class ReplyStream:
    """Serves one call."""

    def __init__(self, begin: Begin, *, ends_with_status: bool) -> None:
        """Make the call.

        Args:
            begin: begins to answer one request, or raises a RaptError.
            ends_with_status: whether the first error ends the call.
        """
        self._begin = begin
        self._ends_with_status = ends_with_status
        self._under_way: dict[int, Asking] = {}
        self._ready: deque[tuple[Received, Outcome]] = deque()
        self._owed = 0
        self._has_read_all = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    async def run(self, requests: AsyncIterator[Received], write: Write) -> None:
        """Answer every request, then return.

        Raises:
            RaptError: the first error, for a caller that wants a status.
            Unavailable: the caller does not read.
        """
        failure: RaptError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(requests))
                await self._write(write)
        except* RaptError as group:
            failure = first_of(group)
        finally:
            for asking in list(self._under_way.values()):
                asking.cancel()
        if failure is not None:
            raise failure

    async def _read(self, requests: AsyncIterator[Received]) -> None:
        number = 0
        async for request in requests:
            number += 1
            self._ask(number, request)
            while self._owed >= MAX_OPEN:
                self._room.clear()
                await self._room.wait()
        self._has_read_all = True
        self._news.set()

    def _ask(self, number: int, request: Received) -> None:
        """Begin one request; its outcome is told to the writer."""
        self._owed += 1

        def reply(outcome: Outcome) -> None:
            self._under_way.pop(number, None)
            self._ready.append((request, outcome))
            self._news.set()

        try:
            asking = self._begin(request, reply)
        except RaptError as error:
            reply(error)
            return
        if not asking.is_over:
            self._under_way[number] = asking

    async def _write(self, write: Write) -> None:
        while True:
            while self._ready:
                request, outcome = self._ready.popleft()
                await self._send(write, request, outcome)
                self._owed -= 1
                self._room.set()
            if self._has_read_all and self._owed == 0:
                return
            self._news.clear()
            await self._news.wait()

    async def _send(self, write: Write, request: Received, outcome: Outcome) -> None:
        if isinstance(outcome, RaptError):
            if self._ends_with_status:
                raise outcome
            message = _error(request, outcome)
        else:
            message = pb.ModelStreamInferResponse(infer_response=outcome)
        try:
            async with asyncio.timeout(SLOW_READER_S):
                await write(message)
        except TimeoutError:
            raise Unavailable(f"nothing was read for {SLOW_READER_S:.0f} s") from None


def _error(request: Received, error: RaptError) -> pb.ModelStreamInferResponse:
    """Return an error as a message that its sender can tell apart."""
    message = pb.ModelStreamInferResponse(error_message=str(error))
    reply = message.infer_response
    if isinstance(request, pb.ModelInferRequest):
        reply.id, reply.model_name = request.id, request.model_name
    reply.parameters["triton_final_response"].bool_param = True
    return message

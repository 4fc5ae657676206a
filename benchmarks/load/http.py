"""HTTP: a POST per frame, over connections that are kept.

A client library would take more processor time than the servers under test; this one speaks just
enough HTTP/1.1. As in any client's pool, there is a limit to connections; beyond it frames wait
here, and their age goes on counting.
"""

import asyncio
from base64 import b64encode
from collections import deque
from http import HTTPStatus

from benchmarks.load.job import Job
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Due
from benchmarks.load.wire import Clock

MAX_CONNECTIONS = 1000  # per process
_OUTCOMES = {
    429: Outcome.REFUSED,
    503: Outcome.REFUSED,
    408: Outcome.EXPIRED,
    504: Outcome.EXPIRED,
}
_OK = range(200, 300)


def outcome_of_status(status: int) -> Outcome:
    """Return what a status means for a frame."""
    return Outcome.ANSWERED if status in _OK else _OUTCOMES.get(status, Outcome.FAILED)


def status_in(received: bytes) -> int | None:
    """Return the status of an answer; None while it is not complete."""
    head, ended, body = received.partition(b"\r\n\r\n")
    if not ended:
        return None
    status = int(head.split(b" ", 2)[1])
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        return status if body.endswith(b"0\r\n\r\n") else None
    _, given, rest = fields.partition(b"content-length:")
    length = int(rest.partition(b"\r\n")[0]) if given else 0
    return status if len(body) >= length else None


def message_of(job: Job, stream: int = 0) -> bytes:
    """Return the whole request; it is the same for every frame of a stream."""
    body, kind = job.picture, "application/octet-stream"
    if job.target.is_json:
        body, kind = b'{"image":"' + b64encode(job.picture) + b'"}', "application/json"
    head = (
        f"POST {job.target.path.format(stream=stream)} HTTP/1.1\r\nHost: {job.target.address}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One connection with at most one frame under way."""

    def __init__(self, pool: "Http") -> None:
        self._pool = pool
        self._received = b""
        self.due: Due | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP
        self.transport = transport

    def post(self, due: Due, message: bytes) -> None:
        """Send a frame."""
        assert self.transport is not None  # noqa: S101  # it is connected
        self.due = due
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = status_in(self._received)
        if answer is None or self.due is None:
            return
        due, self.due, self._received = self.due, None, b""
        self._pool.answered(due, answer)
        self._pool.is_free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.lost(self, exc)


class Http:
    """Connections of one process."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        host, _, port = job.target.address.rpartition(":")
        self._address = host, int(port)
        self._log = log
        self._clock = clock
        self._free: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._waiting: deque[Due] = deque()  # holds no more than the schedule has
        self._messages = {stream: message_of(job, stream) for stream in log.streams}

    async def open(self) -> None:
        """Connect once, so that a server that is not there is noticed."""
        await self._connect()

    def send(self, due: Due) -> None:
        """Hand one frame to a free connection, or to a new one."""
        self._waiting.append(due)
        self._go_on()

    async def close(self) -> None:
        """Cut every connection."""
        for task in list(self._connecting):
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        for connection in list(self._all):
            if connection.transport is not None:
                connection.transport.abort()

    def is_free(self, connection: _Connection) -> None:
        """Use a connection again."""
        self._free.append(connection)
        self._go_on()

    def answered(self, due: Due, status: int) -> None:
        """Take an answer."""
        outcome = outcome_of_status(status)
        if outcome is not Outcome.ANSWERED:
            self._log.complain(f"{status} {HTTPStatus(status).phrase}")
        self._log.end(due.stream, due.sequence, outcome, self._clock.now_s())

    def lost(self, connection: _Connection, error: Exception | None) -> None:
        """Forget a connection; its frame has failed."""
        self._all.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        if connection.due is not None:
            self._log.complain(f"connection lost: {error}")
            due = connection.due
            self._log.end(due.stream, due.sequence, Outcome.FAILED, self._clock.now_s())

    def _go_on(self) -> None:
        while self._waiting and self._free:
            connection = self._free.pop()
            due = self._waiting.popleft()
            connection.post(due, self._messages[due.stream])
        wanted = min(len(self._waiting), MAX_CONNECTIONS - len(self._all))
        for _ in range(wanted - len(self._connecting)):
            task = asyncio.ensure_future(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: _Connection(self), *self._address)
        except OSError as error:
            self._log.complain(f"cannot connect: {error}")
            return
        self._all.add(connection)
        self.is_free(connection)

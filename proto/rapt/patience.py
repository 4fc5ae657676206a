"""How long may a connection say nothing, and how much before it says what it wants?

uvicorn waits for ever and reads on. Here the head of a request gets `HEAD_S` and `MAX_HEAD_BYTES`,
so that connections that say nothing, one byte now and then, or headers without an end do not pile
up.
"""

import asyncio
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = structlog.get_logger()

HEAD_S = 10.0  # a telephone with a bad network needs two
BODY_S = 30.0  # of silence in the middle of a body
MAX_HEAD_BYTES = 64 * 1024  # the longest that browsers send is a quarter of it
MAX_WRAPPING = 8  # bytes around each byte of a body; a chunk of one byte has five


class ImpatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with an end to waiting."""

    _waiting: asyncio.TimerHandle | None = None
    """Runs while the head of a request is not complete."""
    _listening: asyncio.TimerHandle | None = None
    """Runs while a body is not complete."""
    _heard_s = 0.0
    """When its last piece came, seconds of the loop's clock."""
    _seen_bytes = 0
    """Of this request: head, body, and what wraps the body."""
    _body_bytes = 0

    def connection_made(self, transport: Any) -> None:  # uvicorn's own type is a private one
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to wait."""
        self._stop_waiting()
        self._stop_listening()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, but not for ever."""
        self._heard_s = self.loop.time()
        super().data_received(data)
        self._seen_bytes += len(data)
        # Headers may also follow a body, so what is no body is counted to the very end.
        if self._seen_bytes - (1 + MAX_WRAPPING) * self._body_bytes > MAX_HEAD_BYTES:
            self._give_up("the head of a request is too long")

    def on_message_begin(self) -> None:
        """Wait for the head of this request, too."""
        super().on_message_begin()
        self._seen_bytes = self._body_bytes = 0
        self._wait()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """Take the request: its head is here."""
        self._stop_waiting()
        self._listen()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take the end of the body, or of a request without one."""
        self._stop_listening()
        super().on_message_complete()

    def _wait(self) -> None:
        if self._waiting is None:
            late = "no request came in time"
            self._waiting = self.loop.call_later(HEAD_S, self._give_up, late)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _listen(self) -> None:
        """Look later whether the body goes on; while we do not read, silence is our own."""
        left_s = BODY_S - (self.loop.time() - self._heard_s)
        if self.flow.read_paused:
            left_s = BODY_S
        if left_s > 0:
            self._listening = self.loop.call_later(left_s, self._listen)
        else:
            self._give_up("the body of a request broke off")

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    def _give_up(self, reason: str) -> None:
        self._stop_waiting()
        self._stop_listening()
        log.info("connection_closed", reason=reason)
        self.transport.close()

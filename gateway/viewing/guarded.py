"""uvicorn's WebSocket protocol with bounds where it has none.

The size of a message is bounded by uvicorn. Here the rest: answers to pings that nobody reads,
messages of endless tiny pieces, and floods of control frames, none of which the application ever
sees. Bytes are read in small pieces, so that a flood is cut before it holds up the others.
"""

import time

from rapt.rate import TokenBucket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

PIECE_BYTES = 4096  # at most some 700 frames, 15 ms
MAX_FRAGMENTS = 1024  # a browser cuts its largest message into some tens
CONTROLS_PER_S = 20.0  # a browser answers one ping in 20 s
CONTROLS_BURST = 100.0


class GuardedProtocol(WebSocketsSansIOProtocol):
    """One browser's connection, below the messages."""

    _controls: TokenBucket | None = None

    def data_received(self, data: bytes) -> None:
        """Read piece by piece until the connection is closed."""
        for at in range(0, len(data), PIECE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[at : at + PIECE_BYTES])

    def handle_cont(self, event: Frame) -> None:
        """Take the next piece of a message, if it is not one too many."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self._refuse("the message comes in too many pieces")
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer, unless the browser takes no answers."""
        if self._may_go_on() and self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # the answer, which goes nowhere

    def handle_pong(self, event: Frame) -> None:
        """Take a sign of life, asked for or not."""
        if self._may_go_on():
            super().handle_pong(event)

    def _may_go_on(self) -> bool:
        if self._controls is None:
            self._controls = TokenBucket(per_s=CONTROLS_PER_S, burst=CONTROLS_BURST)
        if self._controls.take(time.monotonic()):
            return True
        self._refuse("too many pings or pongs")
        return False

    def _refuse(self, reason: str) -> None:
        if not self.transport.is_closing():
            self.conn.fail(CloseCode.POLICY_VIOLATION, reason)
            self.handle_parser_exception()

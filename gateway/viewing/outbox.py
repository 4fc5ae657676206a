"""What waits to be sent to one browser.

Answers leave in order and each leaves; of paces and wall pictures only the newest counts. Full
(`MAX_ANSWERS`): the browser takes too little and its socket is closed; the session
stays. A browser that sends much and reads little is slowed first: `has_room` stops its reader at
`BUSY_ANSWERS`.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from rapt.websocket import CloseCode

MAX_ANSWERS = 4_096
BUSY_ANSWERS = 256

PictureSource = Callable[[], viewing.ServerMessage | None]


class Outbox:
    """One browser's messages, oldest first."""

    def __init__(self) -> None:
        self._answers: deque[viewing.ServerMessage] = deque()
        self._control: perception.Control | None = None
        self._picture: PictureSource | None = None
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.is_abandoned = False
        self.closing: tuple[CloseCode, str] | None = None

    def put(self, message: viewing.ServerMessage) -> None:
        """Send an answer after the others."""
        if self.closing is not None and self.closing[0] == CloseCode.TRY_LATER:
            return
        if len(self._answers) >= MAX_ANSWERS:
            self._answers.clear()
            self.close(CloseCode.TRY_LATER, "you read too slowly; connect again")
            return
        self._answers.append(message)
        if len(self._answers) >= BUSY_ANSWERS:
            self._has_room.clear()
        self._changed.set()

    def put_control(self, control: perception.Control) -> None:
        """Send the pace; an unsent older one is replaced."""
        self._control = control
        self._changed.set()

    def put_picture(self, source: PictureSource) -> None:
        """Ask the source for a wall picture when its turn comes."""
        self._picture = source
        self._changed.set()

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the socket after what is waiting, unless the browser is too slow for that."""
        if self.closing is None:
            self.closing = (code, reason)
        self._has_room.set()
        self._changed.set()

    def abandon(self) -> None:
        """Send nothing more: the browser is gone."""
        self.is_abandoned = True
        self._has_room.set()
        self._changed.set()

    async def has_room(self) -> None:
        """Wait until the browser has taken what waits for it."""
        await self._has_room.wait()

    async def next(self) -> viewing.ServerMessage | None:
        """Return the next message; None when the socket shall be closed."""
        while not self.is_abandoned:
            message = self._pop()
            if message is not None:
                return message
            if self.closing is not None:
                return None
            self._changed.clear()
            await self._changed.wait()
        return None

    def _pop(self) -> viewing.ServerMessage | None:
        if self._answers:
            message = self._answers.popleft()
            if len(self._answers) < BUSY_ANSWERS // 2:
                self._has_room.set()
            return message
        if self._control is not None:
            control, self._control = self._control, None
            return viewing.ServerMessage(control=control)
        if self._picture is not None:
            source, self._picture = self._picture, None
            return source()
        return None

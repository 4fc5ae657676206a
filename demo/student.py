"""One student: opens a session, plays the part in real time, says goodbye.

Everything is done at its scripted time and carries its scripted time, so that a busy machine can
make the class late but not wrong. Frames are due twice a second on the student's own phase; one
whose time has passed is skipped, not sent late.
"""

import asyncio
import time
from dataclasses import dataclass
from random import Random
from typing import Protocol

from rapt.backoff import Backoff
from rapt.client import OpenedSession, Rest, Viewing
from rapt.errors import RaptError, Unavailable
from rapt.v1 import perception_pb2 as perception
from rapt.v1.viewing_pb2 import ServerMessage

from demo.messages import beat_of, event_of
from demo.playing import Player
from demo.puppet.poses import HEIGHT, WIDTH
from demo.script import Mood, Part
from demo.sheet import Sheet

FRAME_MS = 500
"""Two frames a second, as a browser sends by default."""

OPEN_TRIES = 4
"""How often a gateway without room is asked again."""

GOODBYE_S = 30.0
"""How long the services may take to put everything on disk at the end."""


class FrameSource(Protocol):
    """What stands in front of the student; `demo.puppet.camera.Camera` is one."""

    def frame(self, mood: Mood, at_s: float) -> bytes:
        """A JPEG of this moment."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What everyone in the class shares."""

    rest: Rest
    content_id: str
    length_ms: int


class Student:
    """One part and its player."""

    def __init__(self, stage: Stage, part: Part, camera: FrameSource, sheet: Sheet) -> None:
        self.part = part
        self.sheet = sheet
        self._stage = stage
        self._camera = camera
        self._player = Player(stage.length_ms)
        self._began_s = 0.0
        """On the monotonic clock."""
        self._viewing: Viewing | None = None

    async def attend(self) -> None:
        """Play the part; a failure stands on the sheet and ends nothing else."""
        try:
            await self._attend()
        except* RaptError as group:
            self.sheet.failure = str(group.exceptions[0])
        self.sheet.doing = "gone"

    async def _attend(self) -> None:
        await asyncio.sleep(self.part.comes_ms / 1000)
        stage, sheet = self._stage, self.sheet
        opened = await self._open()
        sheet.session_id = opened.session_id
        sheet.opened_at_us = opened.opened_at_us
        viewing = Viewing(stage.rest, opened, listen=self._heard, build="demo")
        self._viewing = viewing
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(viewing.run())
                await viewing.ready()
                self._began_s = time.monotonic()
                sheet.began_us = viewing.server_us(time.time_ns() // 1000)
                filming = group.create_task(self._film(viewing))
                await self._play(viewing)
                filming.cancel()
                sheet.doing = "closing"
                reason = perception.EXIT_REASON_LEFT
                if self.part.is_completed:
                    reason = perception.EXIT_REASON_COMPLETED
                await viewing.close(reason, within_s=GOODBYE_S)
        finally:
            sheet.frames_sent = viewing.frames_sent
            sheet.frames_unsent += viewing.frames_unsent
            sheet.connections = viewing.connections

    async def _open(self) -> OpenedSession:
        """Open a session; a busy gateway is asked again, a few times."""
        backoff = Backoff(chance=Random(self.part.index))  # noqa: S311 - spreads attempts, no secret
        while True:
            try:
                return await self._stage.rest.open_session(
                    self._stage.content_id, self.part.name, device="puppet"
                )
            except Unavailable:
                if backoff.attempts >= OPEN_TRIES:
                    raise
                await asyncio.sleep(backoff.next_s())

    async def _play(self, viewing: Viewing) -> None:
        """Do every deed at its time, and a beat whenever nothing happened for a while."""
        beat_ms = 1000 * ((await viewing.ready()).beat_s or 5)
        for deed in self.part.deeds:
            while deed.at_ms - self._player.at_ms > beat_ms:
                await self._until(self._player.at_ms + beat_ms)
                self._player = self._player.advanced(self._player.at_ms + beat_ms)
                viewing.tell(beat_of(self._player, began_us=self.sheet.began_us))
            await self._until(deed.at_ms)
            viewing.tell(event_of(self._player, deed, began_us=self.sheet.began_us))
            self._player = self._player.after(deed)

    async def _film(self, viewing: Viewing) -> None:
        """Send a frame whenever one is due, as long as the page is visible."""
        sheet = self.sheet
        due_ms = self.part.index * 137 % FRAME_MS
        last_ms = -FRAME_MS
        for scene in self.part.scenes:
            while due_ms < scene.to_ms:
                await self._until(due_ms)
                late_ms = self._now_ms() - due_ms
                if late_ms >= FRAME_MS:
                    sheet.frames_unsent += 1
                elif not self._player.is_visible:
                    sheet.doing = "page hidden"
                elif due_ms - last_ms < _interval_ms(viewing.pace):
                    sheet.frames_unwanted += 1
                else:
                    sheet.doing = scene.mood.value
                    self._send(viewing, scene.mood, due_ms)
                    last_ms = due_ms
                due_ms += FRAME_MS

    def _send(self, viewing: Viewing, mood: Mood, due_ms: int) -> None:
        image = self._camera.frame(mood, due_ms / 1000)
        captured_us = self.sheet.began_us + due_ms * 1000
        viewing.offer(image, captured_us=captured_us, width=WIDTH, height=HEIGHT)

    def _heard(self, message: ServerMessage) -> None:
        if self._viewing is not None:
            self.sheet.frames_sent = self._viewing.frames_sent
        self.sheet.heard(message, self.sheet.began_us + round(self._now_ms() * 1000))

    def _now_ms(self) -> float:
        return (time.monotonic() - self._began_s) * 1000

    async def _until(self, at_ms: int) -> None:
        await asyncio.sleep(max(0.0, at_ms / 1000 + self._began_s - time.monotonic()))


def _interval_ms(pace: perception.Control) -> float:
    """Time between frames that the server wants."""
    return 1e6 / pace.target_fps_milli if pace.target_fps_milli else float("inf")

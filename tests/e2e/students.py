"""Students who sit before a real gateway, and write down all that they are told."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from rapt.deadline import DEFAULT_BUDGET_MS
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from analytics import queries
from analytics.answers import FactRow
from analytics.scope import Scope
from analytics.store import open_store
from gateway.config import GatewayConfig
from gateway.ids import read_id
from tests.analytics.process import StoreProcess
from tests.gateway.running import Browser, Running, run_gateway

FRAME_S = 0.5
BEAT_S = 2.0
LATE_S = 5  # a busy machine may need so long to open forty calls
UNSEEN_S = 5
"""Seconds without a verdict: at both ends, and while a session moves or a machine is busy."""
PICTURE = b"\xff\xd8 a picture"


@dataclass
class Student:
    """One browser, two frames a second, an event every two seconds; keeps what it was told."""

    session_id: int
    browser: Browser
    picture: bytes = PICTURE
    opened_us: int = 0
    sent: int = 0
    seq: int = 0
    verdicts_s: list[float] = field(default_factory=list)
    """When each came, monotonic."""
    sheds: list[perception.Shed] = field(default_factory=list)
    notices: list[viewing.Notice] = field(default_factory=list)
    closed: perception.Closed | None = None
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    def longest_gap_s(self, until_s: float = math.inf) -> float:
        """Return the longest time between two verdicts, of those before a moment."""
        times_s = [at_s for at_s in self.verdicts_s if at_s < until_s]
        return max((after - before for before, after in pairwise(times_s)), default=0.0)

    def next_after_s(self, moment_s: float) -> float:
        """Return how long after a moment the next verdict came."""
        return min(at_s for at_s in self.verdicts_s if at_s > moment_s) - moment_s

    async def sit(self, over: asyncio.Event) -> None:
        """Watch a video until it is over, then close."""
        self.opened_us = time.time_ns() // 1000
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            beat = tasks.create_task(self._beat())
            self._answered.set()
            while not over.is_set():
                await self._answered.wait()  # one frame is under way at a time
                self._answered.clear()
                self.sent += 1
                await self.browser.send(frame=self._frame())
                await asyncio.sleep(FRAME_S)
            beat.cancel()
            await self._say(perception.EVENT_KIND_CLOSE)
            await self.browser.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))

    async def _listen(self) -> None:
        while self.closed is None:
            message = viewing.ServerMessage.FromString(await self.browser.websocket.recv())  # type: ignore[arg-type]  # binary
            match message.WhichOneof("message"):
                case "verdict":
                    self.verdicts_s.append(time.monotonic())
                    self._answered.set()
                case "shed":
                    self.sheds.append(message.shed)
                    self._answered.set()
                case "notice":
                    self.notices.append(message.notice)
                case "closed":
                    self.closed = message.closed

    async def _beat(self) -> None:
        kind = perception.EVENT_KIND_PLAY
        while True:
            await self._say(kind)
            kind = perception.EVENT_KIND_BEAT
            await asyncio.sleep(BEAT_S)

    async def _say(self, kind: perception.EventKind.ValueType) -> None:
        self.seq += 1
        now_us = time.time_ns() // 1000
        played_ms = (now_us - self.opened_us) // 1000
        segment = perception.Segment(
            to_ms=played_ms, rate_pct=100, visible=True, at_us=self.opened_us
        )
        event = perception.PlayerEvent(
            seq=self.seq,
            kind=kind,
            at_us=now_us,
            position_ms=float(played_ms),
            to_ms=float(played_ms),
            player=perception.PLAYER_STATE_PLAYING,
            rate_pct=100,
            visible=True,
            segments=[segment] if played_ms else [],
        )
        await self.browser.send(player_event=event)

    def _frame(self) -> perception.Frame:
        captured_us = time.monotonic_ns() // 1000
        return perception.Frame(
            sequence=self.sent,
            captured_us=captured_us,
            budget_ms=DEFAULT_BUDGET_MS,  # what our page asks for: whoever is slow sheds frames
            image=self.picture,
        )


@dataclass
class Lesson:
    """Students before a gateway."""

    gateway: Running
    content_id: str
    tasks: asyncio.TaskGroup
    picture: bytes = PICTURE
    students: list[Student] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    facts: dict[int, list[FactRow]] = field(default_factory=dict)
    """What the store has of each session, once it was read."""

    async def invite(self, number: int) -> None:
        """Let so many come in; they are measured when this is done."""
        number += len(self.students)
        for _ in range(number - len(self.students)):
            self.tasks.create_task(self.attend())
        await until(lambda: len(self.students) == number, "everyone is there")
        await self.until_all_measured(0.0)

    async def attend(self) -> None:
        """Be a student from the first to the last minute."""
        opened = await self.gateway.open_session(self.content_id)
        async with self.gateway.browser(opened["ticket"]) as browser:
            session_id = read_id(opened["session_id"], what="session")
            student = Student(session_id, browser, self.picture)
            self.students.append(student)
            await student.sit(self.over)

    async def until_all_measured(self, since_s: float, times: int = 2) -> None:
        """Wait until everyone got so many verdicts after a moment."""

        def are_measured() -> bool:
            counts = (sum(at_s > since_s for at_s in s.verdicts_s) for s in self.students)
            return all(count >= times for count in counts)

        await until(are_measured, "everyone is measured")

    async def read_facts(self, store: StoreProcess) -> None:
        """Read what the store has of every student."""
        async with open_store(store.url("reader")) as reader:
            scope, content_id = Scope(reader, 1), read_id(self.content_id, what="content")
            for student in self.students:
                facts = await queries.session_facts(scope, student.session_id, content_id)
                self.facts[student.session_id] = facts

    def assert_every_second_is_stored_once(self) -> None:
        """From the first to the last, with what was seen in it; and the goodbye tells the truth."""
        for student in self.students:
            facts = self.facts[student.session_id]
            seconds = [fact.t_s for fact in facts]
            begins_s = seconds[0]  # the second in which its first call was opened
            assert begins_s <= LATE_S
            assert seconds == list(range(begins_s, begins_s + len(seconds))), seconds
            unseen = [fact.t_s for fact in facts if fact.frames == 0]
            assert len(unseen) <= UNSEEN_S, unseen
            assert student.closed is not None
            assert student.closed.acked_event_seq == student.seq
            assert student.closed.facts_written == len(facts)
            assert student.closed.frames_received == student.sent
            assert student.closed.frames_answered == len(student.verdicts_s)


@asynccontextmanager
async def lesson_before(
    config: GatewayConfig, students: int, *, picture: bytes = PICTURE
) -> AsyncIterator[Lesson]:
    """Hold a lesson: everyone is measured when the body begins, and has left when it has ended."""
    async with run_gateway(config) as gateway, asyncio.TaskGroup() as tasks:
        content_id = await gateway.make_content(length_ms=3_600_000)
        lesson = Lesson(gateway, content_id, tasks, picture)
        try:
            await lesson.invite(students)
            yield lesson
        finally:
            lesson.over.set()


async def until(claim: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Wait until a claim holds, and let the others go on meanwhile."""
    try:
        async with asyncio.timeout(within_s):
            while not await asyncio.to_thread(claim):  # noqa: ASYNC110  other processes tell nobody
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:.0f} s: {what}") from None

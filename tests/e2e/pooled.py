"""A pool under load: its processes, and students who sit before a gateway and write down all."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from rapt.cli.leash import leashed
from rapt.cli.ports import free_ports
from rapt.placement import ANNOUNCED, KEY, WorkerEntry, key_of
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from redis import Redis

from analytics import queries
from analytics.answers import FactRow
from analytics.scope import Scope
from analytics.store import open_store
from gateway.ids import read_id
from tests.analytics.process import StoreProcess
from tests.gateway.running import Browser, Running, config_for, run_gateway
from tests.waiting import wait_until

FRAME_S = 0.5
BEAT_S = 2.0
START_S = 90.0
STOP_S = 60.0
PICTURE = b"\xff\xd8 a picture"


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of two workers on Ray, and where they announce themselves."""

    process: subprocess.Popen[bytes]
    redis_url: str
    log: Path

    def entries(self) -> list[WorkerEntry]:
        """Return what the workers announce now."""
        with Redis.from_url(self.redis_url) as redis:
            names = sorted(name.decode() for name in redis.smembers(KEY))
            found = redis.mget([key_of(name) for name in names]) if names else []
        return [msgspec.json.decode(value, type=WorkerEntry) for value in found if value]

    def ready(self) -> list[WorkerEntry]:
        """Return the workers that take sessions."""
        return [entry for entry in self.entries() if entry.state == "ready"]

    def busiest(self) -> WorkerEntry:
        """Return the worker with the most sessions."""
        return max(self.ready(), key=lambda entry: entry.streams)

    def kill(self, entry: WorkerEntry) -> None:
        """End a worker's process without a warning."""
        os.kill(entry.pid, signal.SIGKILL)

    def take_over(self, entry: WorkerEntry) -> None:
        """Announce a newer process of the same name: the worker shall let its sessions go."""
        newer = msgspec.structs.replace(entry, fence=entry.fence + 1, state="draining")
        with Redis.from_url(self.redis_url) as redis:
            redis.set(key_of(entry.name), msgspec.json.encode(newer), px=2000)


@contextmanager
def pool_of_two(module: str, data: Path, **settings: str) -> Iterator[Pool]:
    """Run a pool until the body is done; nothing of it may be left behind."""
    data.mkdir(parents=True, exist_ok=True)
    ours = {f"RAPT_INFERENCE_{name.upper()}": value for name, value in settings.items()}
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")} | ours
    log = data / "pool.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            leashed([sys.executable, "-m", module]), env=environ, stdout=file, stderr=file
        )
    pool = Pool(process, settings["redis_url"], log)
    try:
        wait_until(lambda: process.poll() is not None or len(pool.ready()) == 2, "two", START_S)
        assert process.poll() is None, log.read_text()
        yield pool
    finally:
        process.terminate()
        process.wait(STOP_S)
    assert pool.entries() == []


@dataclass
class Student:
    """One browser, two frames a second, an event every two seconds; keeps what it was told."""

    session_id: int
    browser: Browser
    opened_us: int = 0
    sent: int = 0
    seq: int = 0
    verdicts_s: list[float] = field(default_factory=list)
    """When each came, monotonic."""
    sheds: list[perception.Shed] = field(default_factory=list)
    notices: list[viewing.Notice] = field(default_factory=list)
    closed: perception.Closed | None = None
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

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
            sequence=self.sent, captured_us=captured_us, budget_ms=5000, image=PICTURE
        )


@dataclass
class Lesson:
    """Students before a gateway that finds its workers in Redis."""

    pool: Pool
    store: StoreProcess
    gateway: Running
    content_id: str
    students: list[Student] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    facts: dict[int, list[FactRow]] = field(default_factory=dict)
    """What the store has of each session, after the lesson."""

    async def attend(self) -> None:
        """Be a student from the first to the last minute."""
        opened = await self.gateway.open_session(self.content_id)
        async with self.gateway.browser(opened["ticket"]) as browser:
            student = Student(read_id(opened["session_id"], what="session"), browser)
            self.students.append(student)
            await student.sit(self.over)

    async def until_all_measured(self, since_s: float, times: int = 2) -> None:
        """Wait until everyone got so many verdicts after a moment."""
        await until(
            lambda: all(
                sum(at_s > since_s for at_s in s.verdicts_s) >= times for s in self.students
            ),
            "everyone is measured",
        )


async def until(claim: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Wait until a claim holds, and let the others go on meanwhile."""
    try:
        async with asyncio.timeout(within_s):
            while not await asyncio.to_thread(claim):  # noqa: ASYNC110  other processes tell nobody
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:.0f} s: {what}") from None


@asynccontextmanager
async def lesson_of(students: int, folder: Path, redis_url: str) -> AsyncIterator[Lesson]:
    """Hold a lesson on a pool of two; it is over, and everything is stored, after the body."""
    with StoreProcess(folder / "store") as store:
        settings = {
            "listen": f"127.0.0.1:{free_ports(1)[0]}",
            "redis_url": redis_url,
            "store_url": store.url(),
            "spool": str(folder / "spool"),
            "workers": "2",
        }
        pooled = pool_of_two("tests.e2e.small_pool", folder / "pool", **settings)
        with pooled as pool:
            config = config_for(folder / "gateway", ANNOUNCED, redis_url=redis_url)
            async with run_gateway(config) as gateway, asyncio.TaskGroup() as tasks:
                lesson = Lesson(
                    pool, store, gateway, await gateway.make_content(length_ms=3_600_000)
                )
                for _ in range(students):
                    tasks.create_task(lesson.attend())
                await until(lambda: len(lesson.students) == students, "everyone is there")
                try:
                    await lesson.until_all_measured(0.0)
                    yield lesson
                finally:
                    lesson.over.set()
            await until(lambda: len(pool.ready()) == 2, "both workers are there")
        async with open_store(store.url("reader")) as reader:
            scope, content_id = Scope(reader, 1), read_id(lesson.content_id, what="content")
            for student in lesson.students:
                facts = await queries.session_facts(scope, student.session_id, content_id)
                lesson.facts[student.session_id] = facts

"""Stand-ins for what a worker is made of: a pipeline and a writer."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
from rapt.errors import SpoolFull
from rapt.tracing.spans import Tracer

from analytics.facts import Fact, Interaction, Row, Session
from inference.attention.judge import Judgement
from inference.attention.reasons import Reason
from inference.attention.state import ReasonCode, State
from inference.grants import Grants
from inference.metrics import Metrics
from inference.oip.models import ServedModel
from inference.perception.decode import Unreadability
from inference.perception.observation import Observation
from inference.perception.pipeline import Look, Seen, Unreadable
from inference.scheduling.ladder import LEVELS, Levels
from inference.scheduling.stages import Ran
from inference.server import OPTIONS, Door
from inference.worker import Parts, Worker
from tests.inference.calling import WITHIN_S, Call

BROKEN = b"broken"
POISON = b"poison"
OBSERVATION = Observation(faces=1, brightness=0.5, face_box=(0.3, 0.2, 0.7, 0.8))


def a_judgement() -> Judgement:
    """Return a judgement that says focused."""
    reason = Reason(ReasonCode.ON_SCREEN, 1.0, 2.0, "eyes on the screen for 2 s")
    return Judgement(State.FOCUSED, 0.9, 0.9, (reason,), 0.8, 0.0, 1.0)


class FakePipeline:
    """Sees the same in every picture; can be held, can fail."""

    provider = "FakeExecutionProvider"
    buckets = (1, 2, 4, 8)

    def __init__(self, run_s: float = 0.0) -> None:
        self.run_s = run_s
        self.batches: list[int] = []
        self.started = threading.Event()
        self.may_go = threading.Event()
        self.may_go.set()
        self._one_may_go = threading.Semaphore(0)

    def let_one_go(self) -> None:
        """Let the held batch through; the next one is held again."""
        self._one_may_go.release()

    async def is_reached(self) -> None:
        """Wait until a batch has come to the device."""
        assert await asyncio.to_thread(self.started.wait, WITHIN_S)

    def prepare(self, jobs: Sequence[Look]) -> Sequence[Look]:
        """Leave everything to the run."""
        return jobs

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Answer each look in order; a poisoned one breaks the whole batch."""
        return Ran(self.observe(prepared), ())

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Do it in one piece."""
        self.batches.append(len(looks))
        self.started.set()
        while not (self.may_go.wait(0.01) or self._one_may_go.acquire(blocking=False)):
            pass
        time.sleep(self.run_s)
        if any(look.image == POISON for look in looks):
            raise RuntimeError("the device fell over")
        return [_seen(look) for look in looks]


def _seen(look: Look) -> Seen | Unreadable:
    if look.image == BROKEN:
        return Unreadable(Unreadability.NOT_AN_IMAGE, "no picture in it")
    return Seen(OBSERVATION, None)


class RecordingWriter:
    """Keeps rows in lists; can be full, can be held."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.is_full = False
        self.may_go = asyncio.Event()
        self.may_go.set()
        self._refused = asyncio.Event()

    async def save(self, rows: Sequence[Row]) -> int:
        """Take the rows as if they were on disk."""
        await self.may_go.wait()
        if self.is_full:
            self._refused.set()
            raise SpoolFull("the spool holds 512 MB, at most 512 MB")
        self.rows += rows
        return len(rows)

    async def refused_again(self) -> None:
        """Wait until rows were refused from now on, twice: the first may have been on its way."""
        async with asyncio.timeout(WITHIN_S):
            for _ in range(2):
                self._refused.clear()
                await self._refused.wait()

    def facts(self) -> list[Fact]:
        """Return all facts in order of saving."""
        return [row for row in self.rows if isinstance(row, Fact)]

    def interactions(self) -> list[Interaction]:
        """Return all interactions in order of saving."""
        return [row for row in self.rows if isinstance(row, Interaction)]

    def sessions(self) -> list[Session]:
        """Return all session rows in order of saving."""
        return [row for row in self.rows if isinstance(row, Session)]


@dataclass
class House:
    """A running worker and what it is made of."""

    worker: Worker
    pipeline: FakePipeline
    writer: RecordingWriter
    metrics: Metrics
    stop: asyncio.Event
    channel: grpc.aio.Channel
    narrow: grpc.aio.Channel

    def call(self, *, narrow: bool = False) -> "Call":
        """Open a call, on demand through a channel that buffers little."""
        return Call(self.narrow if narrow else self.channel)


@asynccontextmanager
async def running_house(  # noqa: PLR0913 - a test may want any part to be another one
    pipeline: FakePipeline | None = None,
    writer: RecordingWriter | None = None,
    *,
    token: str = "",
    grants: Grants | None = None,
    drain_s: float = 1.0,
    networks: Mapping[str, ServedModel] | None = None,
    tracer: Tracer | None = None,
    levels: Levels = LEVELS,
) -> AsyncIterator[House]:
    """Run a worker on a free port of the loopback."""
    pipeline, writer, metrics = pipeline or FakePipeline(), writer or RecordingWriter(), Metrics()
    parts = Parts(pipeline, writer, metrics, "fake/1", networks or {}, levels=levels, tracer=tracer)
    door = Door("127.0.0.1:0", grants or Grants(token=token))
    worker = Worker(parts, door=door, drain_s=drain_s)
    stop, address = asyncio.Event(), f"127.0.0.1:{worker.port}"
    async with (
        asyncio.TaskGroup() as tasks,
        grpc.aio.insecure_channel(address) as channel,
        grpc.aio.insecure_channel(address, options=OPTIONS) as narrow,
    ):
        tasks.create_task(worker.run(stop))
        try:
            await asyncio.wait_for(channel.channel_ready(), WITHIN_S)
            yield House(worker, pipeline, writer, metrics, stop, channel, narrow)
        finally:
            pipeline.may_go.set()
            writer.may_go.set()
            stop.set()

"""Stand-ins for what a worker is made of: a pipeline, a writer; and a gateway that speaks to it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import grpc
from rapt.bearer import metadata_with
from rapt.deadline import MAX_BUDGET_MS
from rapt.errors import SpoolFull
from rapt.tracing.spans import KEY, Tracer
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

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

GOOD = b"\xff\xd8 a picture"
BROKEN = b"broken"
POISON = b"poison"
WITHIN_S = 60.0
"""Longer than anything takes here on a busy machine; what is not there by then never comes."""
CALL_OVER = (
    grpc.aio.AioRpcError,
    grpc.aio.InternalError,
    grpc.aio.UsageError,
    asyncio.InvalidStateError,
)
"""What a write raises when the other side has ended the call, or is about to."""
CUT_SHORT = "Internal error from Core"
"""What gRPC's own client says of such a call; the status that it ended with is lost then."""

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


@dataclass
class Call:
    """One Observe call as a gateway makes it."""

    channel: grpc.aio.Channel
    token: str = ""
    traceparent: str = ""
    answers: list[pb.ObserveResponse] = field(default_factory=list)

    def __post_init__(self) -> None:
        stub = perception_pb2_grpc.PerceptionStub(self.channel)
        under = ((KEY, self.traceparent),) if self.traceparent else ()
        self.grpc = stub.Observe(metadata=(*metadata_with(self.token), *under))

    async def send(self, **message: object) -> None:
        """Send one message: open=, frame=, player_event=, close=."""
        await self.grpc.write(pb.ObserveRequest(**message))  # type: ignore[arg-type]  # by name

    async def opened(self, **changes: object) -> pb.Opened:
        """Open and return the answer."""
        await self.send(open=an_open(**changes))
        return (await self.until("opened")).opened

    async def receive(self) -> pb.ObserveResponse | None:
        """Return the next answer, None at the end of the call."""
        answer = await asyncio.wait_for(self.grpc.read(), WITHIN_S)
        if not isinstance(answer, pb.ObserveResponse):
            return None
        self.answers.append(answer)
        return answer

    async def until(self, *kinds: str) -> pb.ObserveResponse:
        """Return the next answer of one of these kinds; keeps the others in `answers`."""
        while (answer := await self.receive()) is not None:
            if answer.WhichOneof("message") in kinds:
                return answer
        raise AssertionError(f"the call ended without {kinds}: {await self.grpc.details()}")

    async def until_acked(self, seq: int) -> None:
        """Wait for the acknowledgement of an event."""
        while (answer := await self.receive()) is not None:
            if control_of(answer).acked_event_seq >= seq:
                return
        raise AssertionError(f"the call ended before event {seq} was acknowledged")

    async def closed(self, reason: pb.ExitReason.ValueType = pb.EXIT_REASON_LEFT) -> pb.Closed:
        """Close and return the counts."""
        await self.send(close=pb.Close(reason=reason))
        return (await self.until("closed")).closed

    async def status(self) -> tuple[grpc.StatusCode, str]:
        """Read to the end and return how the call ended."""
        with suppress(grpc.aio.AioRpcError):
            while await self.receive() is not None:
                pass
        return await self.grpc.code(), await self.grpc.details() or ""

    def sheds(self) -> list[pb.Shed]:
        """Return all sheds so far."""
        return [a.shed for a in self.answers if a.WhichOneof("message") == "shed"]


def control_of(answer: pb.ObserveResponse) -> pb.Control:
    """Return the pace that rides on an answer."""
    kind = answer.WhichOneof("message")
    if kind == "control":
        return answer.control
    if kind == "closed" or kind is None:
        return pb.Control()
    control = getattr(answer, kind).control
    assert isinstance(control, pb.Control)
    return control


def now_us() -> int:
    """Return microseconds since 1970."""
    return time.time_ns() // 1000


def an_open(**changes: object) -> pb.Open:
    """Return an opening that breaks no rule."""
    opened = pb.Open(
        tenant_id=1,
        content_id=7,
        session_id=11,
        user_key=13,
        role=pb.ROLE_STUDENT,
        fence=1,
        opened_at_us=now_us(),
        content_kind=pb.CONTENT_KIND_VIDEO,
        content_length_ms=60_000,
        policy="adult/1",
        keep_days=400,
        camera_keep_days=30,
        device="puppet",
    )
    opened.MergeFrom(pb.Open(**changes))  # type: ignore[arg-type]  # by name
    return opened


def a_frame(sequence: int, image: bytes = GOOD, **changes: object) -> pb.Frame:
    """Return a frame that was captured now; its answer may take as long as any may."""
    frame = pb.Frame(sequence=sequence, captured_us=now_us(), image=image, budget_ms=MAX_BUDGET_MS)
    frame.MergeFrom(pb.Frame(**changes))  # type: ignore[arg-type]  # by name
    return frame


def an_event(seq: int, **changes: object) -> pb.PlayerEvent:
    """Return a play event of now."""
    event = pb.PlayerEvent(
        seq=seq,
        kind=pb.EVENT_KIND_PLAY,
        at_us=now_us(),
        position_ms=1000.0,
        to_ms=1000.0,
        player=pb.PLAYER_STATE_PLAYING,
        rate_pct=100,
        visible=True,
    )
    event.MergeFrom(pb.PlayerEvent(**changes))  # type: ignore[arg-type]  # by name
    return event

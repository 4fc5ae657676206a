"""Stand-ins for what the gateway speaks to: a worker that answers at once, and a store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from rapt.errors import Unavailable
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import perception_pb2_grpc as perception_grpc

from analytics.answers import FactRow, Heatmap, SessionRow, Totals
from gateway.live.pulse import PulsePoint


class FakePerception(perception_grpc.PerceptionServicer):
    """A worker without models: every frame is focused, every event is safe at once.

    `holds_acks` keeps events unacknowledged; `holds_frames` keeps frames unanswered; `drains_at` is
    the frame before whose answer it asks its gateway to leave; while `may_go_on` is not set it
    stands still with the frame that it took last, and reads no further.
    """

    def __init__(self) -> None:
        self.opens: list[perception.Open] = []
        self.frames: list[perception.Frame] = []
        self.events: list[perception.PlayerEvent] = []
        self.closes: list[perception.Close] = []
        self.calls = 0
        self.holds_acks = False
        self.holds_frames = False
        self.refuses_with: grpc.StatusCode | None = None
        self.drains_at = 0
        self.credit = 1
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.changed = asyncio.Event()

    # The stub's context is grpc's own union of two worlds.
    async def Observe(  # noqa: C901, N802 - one branch a message; the contract names it
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[perception.ObserveResponse]:
        """Answer everything at once."""
        self.calls += 1
        if self.refuses_with is not None:
            await context.abort(self.refuses_with, "full")
        acked = 0
        async for request in request_iterator:
            match request.WhichOneof("message"):
                case "open":
                    self.opens.append(request.open)
                    acked = request.open.acked_event_seq
                    opened = perception.Opened(model="fake/1", control=self._control(0, acked))
                    yield perception.ObserveResponse(opened=opened)
                case "frame":
                    self.frames.append(request.frame)
                    self.changed.set()
                    await self.may_go_on.wait()
                    if request.frame.sequence == self.drains_at:
                        yield perception.ObserveResponse(drain=perception.Drain(grace_ms=5000))
                    if not self.holds_frames:
                        control = self._control(request.frame.sequence, acked)
                        yield _verdict(request.frame, control)
                case "player_event":
                    self.events.append(request.player_event)
                    if not self.holds_acks:
                        acked = max(acked, request.player_event.seq)
                        yield perception.ObserveResponse(control=self._control(0, acked))
                case "close":
                    self.closes.append(request.close)
                    self.changed.set()
                    frames = len(self.frames)
                    closed = perception.Closed(frames_received=frames, acked_event_seq=acked)
                    yield perception.ObserveResponse(closed=closed)
                    return
            self.changed.set()
        if self.drains_at:
            for answer in _last_words(self._control(self.drains_at, acked)):
                yield answer

    async def until(self, count: int, what: str) -> None:
        """Wait until so many opens, frames, events or closes have come."""
        async with asyncio.timeout(60):
            while len(getattr(self, what)) < count:
                self.changed.clear()
                await self.changed.wait()

    def _control(self, acked_sequence: int, acked_event_seq: int) -> perception.Control:
        return perception.Control(
            acked_sequence=acked_sequence,
            credits=self.credit,
            target_fps_milli=2000,
            width=320,
            jpeg_quality_pct=60,
            acked_event_seq=acked_event_seq,
        )


class FakeWorker:
    """A real gRPC server with the fake behind it; it can die and come back on its port."""

    def __init__(self) -> None:
        self.perception = FakePerception()
        self.port = 0
        self._server: grpc.aio.Server | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        perception_grpc.add_PerceptionServicer_to_server(self.perception, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def die(self) -> None:
        """Cut every call at once."""
        if self._server is not None:
            await self._server.stop(0)
            self._server = None


def _last_words(control: perception.Control) -> list[perception.ObserveResponse]:
    """Return what a worker says at the end that has asked its gateway to leave."""
    control.written.CopyFrom(perception.Written(until_s=1, facts=1))
    checkpoint = perception.Checkpoint(state=b"last")
    return [
        perception.ObserveResponse(checkpoint=checkpoint),
        perception.ObserveResponse(control=control),
    ]


def _verdict(frame: perception.Frame, control: perception.Control) -> perception.ObserveResponse:
    return perception.ObserveResponse(
        verdict=perception.Verdict(
            sequence=frame.sequence,
            captured_us=frame.captured_us,
            state=perception.STATE_FOCUSED,
            probability=0.9,
            attention=0.75,
            reasons=[
                perception.Reason(code=perception.REASON_CODE_ON_SCREEN, text="on the screen")
            ],
            control=control,
        )
    )


class FakeAnswers:
    """A store in memory: answers what a test put in, or is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.past: list[PulsePoint] = []
        self.rows: list[SessionRow] = []
        self.seconds: list[FactRow] = []
        self.asked: list[tuple[object, ...]] = []

    async def heatmap(self, tenant_id: int, content_id: int, length_ms: int) -> Heatmap:
        """One start that saw every second."""
        self._ask("heatmap", tenant_id, content_id, length_ms)
        count = length_ms // 1000
        return Heatmap(
            seconds=list(range(count)),
            starts=1,
            users=1,
            absolute=[1.0] * count,
            unique=[1.0] * count,
            attention=[None] * count,
            n=[0] * count,
        )

    async def totals(self, tenant_id: int, content_id: int) -> Totals:
        """Count what is there."""
        self._ask("totals", tenant_id, content_id)
        return Totals(
            facts=len(self.seconds), interactions=0, sessions=len(self.rows), duplicate_facts=0
        )

    async def sessions(self, tenant_id: int, content_id: int) -> list[SessionRow]:
        """Return what was put in."""
        self._ask("sessions", tenant_id, content_id)
        return self.rows

    async def facts(self, tenant_id: int, content_id: int, session_id: int) -> list[FactRow]:
        """Return what was put in."""
        self._ask("facts", tenant_id, content_id, session_id)
        return self.seconds

    async def pulse(self, tenant_id: int, content_id: int) -> list[PulsePoint]:
        """Return what was put in."""
        self._ask("pulse", tenant_id, content_id)
        return self.past

    async def is_healthy(self) -> bool:
        """Tell whether it is there."""
        return not self.is_away

    async def close(self) -> None:
        """Nothing to close."""

    def _ask(self, *question: object) -> None:
        if self.is_away:
            raise Unavailable("the store does not answer: it is away")
        self.asked.append(question)

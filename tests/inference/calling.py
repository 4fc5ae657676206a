"""A gateway that speaks to a worker: its call, and the messages that it sends."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

import grpc
from rapt.bearer import metadata_with
from rapt.deadline import MAX_BUDGET_MS
from rapt.tracing.spans import KEY
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

GOOD = b"\xff\xd8 a picture"
WITHIN_S = 60.0
"""Longer than anything takes here on a busy machine; what is not there by then never comes."""


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

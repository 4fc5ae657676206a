"""Someone with a token of their own means harm: a typed answer each time, and nobody else notices.

One real worker with real networks. Beside each attack a session of another tenant sends frames and
events, and in the end each of its frames has its verdict.
"""

import asyncio
import itertools
import math
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from rapt.v1 import perception_pb2 as pb

from inference.scheduling.ladder import LEVELS
from inference.sessions import events
from inference.streams.frames import BURST_S, SLACK
from tests.faults.worker import EIGHT, SEVEN, Worker, opened_when_there_is_room
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event

FAR = 2**63 - 1
NOT_SENT = grpc.StatusCode.INTERNAL
"""Said by the client's own side: it could not send all, since the answer came first."""

pytestmark = pytest.mark.usefixtures("neighbour")
NUMBERS = itertools.count(1000)


@asynccontextmanager
async def stranger(worker: Worker, **opening: object) -> AsyncIterator[Call]:
    """Return an open call of tenant 7."""
    number = next(NUMBERS)
    async with worker.channel() as channel:
        usual = {"tenant_id": 7, "session_id": number, "user_key": number}
        yield await opened_when_there_is_room(worker, channel, SEVEN, **(usual | opening))


async def refused(worker: Worker, token: str, **opening: object) -> grpc.StatusCode:
    """Open a call that is refused; return with which status."""
    async with worker.channel() as channel:
        call = Call(channel, token)
        with pytest.raises((grpc.aio.AioRpcError, grpc.aio.UsageError, AssertionError)):
            await call.opened(**opening)
        code, _ = await call.status()
        return code


def a_state(version: int, *numbers: float) -> bytes:
    """Return a checkpoint with a place for the face."""
    return struct.pack("<B?4fI", version, 1, *numbers, 7)


STATES = [
    pytest.param(b"", id="empty"),
    pytest.param(b"\xff" * 900, id="garbage"),
    pytest.param(bytes(1_000_000), id="a megabyte"),
    pytest.param(a_state(99, 0.5, 0.5, 0.3, 0.0), id="another version"),
    pytest.param(a_state(1, 0.1, 0.9, 0.1, 3.0) + b"\1" * 400, id="of somebody else"),
    *(
        pytest.param(a_state(1, *numbers), id=f"face at {numbers}")
        for numbers in (
            (math.nan,) * 4,
            (math.inf,) * 4,
            (0.5, 0.5, math.nan, 0.0),
            (0.5, 0.5, 0.3, math.inf),
            (0.5, 0.5, 0.0, 0.0),
            (0.5, 0.5, -1.0, 0.0),
            (0.5, 0.5, 1e30, 0.0),
            (-1e9, 0.5, 0.1, 0.0),
        )
    ),
]


@pytest.mark.parametrize("state", STATES)
async def test_forged_states(state: bytes, worker: Worker, portrait: bytes) -> None:
    """The face is found all the same, and in the same batch the neighbour's is, too."""
    async with stranger(worker, state=state) as call:
        for sequence in (1, 2):
            await asyncio.gather(call.send(frame=a_frame(sequence, portrait)), asyncio.sleep(0.1))
            assert (await call.until("verdict")).verdict.observation.faces == 1
        await call.closed()


async def test_tokens_of_others(worker: Worker) -> None:
    """Without a good one nothing opens, and a good one opens its own tenant's alone."""
    codes = grpc.StatusCode
    for token in ("", "x" * 3000):
        async with worker.channel() as channel:
            code, _ = await Call(channel, token).status()  # at the door, before a word was said
            assert code is codes.UNAUTHENTICATED
    assert await refused(worker, SEVEN, tenant_id=1, session_id=5, fence=9) is (
        codes.PERMISSION_DENIED
    )
    assert await refused(worker, EIGHT, tenant_id=7) is codes.PERMISSION_DENIED
    async with stranger(worker, session_id=5, fence=2**32 - 1) as call:  # the neighbour's number
        await call.closed()


async def test_numbers_at_the_ends_of_their_ranges(worker: Worker, portrait: bytes) -> None:
    """Whatever does not fit is answered by itself; the stream goes on."""
    async with stranger(worker) as call:
        frame = pb.Frame(sequence=2**64 - 1, captured_us=-FAR, budget_ms=2**32 - 1, image=portrait)
        await call.send(frame=frame)
        assert (await call.until("verdict")).verdict.sequence == 2**64 - 1
        await call.send(frame=a_frame(3, portrait))
        shed = (await call.until("shed")).shed
        assert shed.reason == pb.SHED_REASON_REJECTED_SEQUENCE
        odd: list[dict[str, object]] = [
            {name: value}
            for name in ("position_ms", "to_ms", "value")
            for value in (math.nan, math.inf, -math.inf)
        ]
        odd += [{"at_us": at_us} for at_us in (-FAR, FAR, -1)]
        odd += [{"kind": 99}, {"rate_pct": 2**32 - 1}, {"player": 77, "position_ms": -1.0}]
        for seq, changes in enumerate(odd, 1):
            await call.send(player_event=an_event(seq, **changes))
            await call.until_acked(seq)
        await call.send(player_event=an_event(2**32 - 1))
        await call.until_acked(2**32 - 1)
        closed = await call.closed()
    assert (closed.frames_received, closed.interactions_written) == (2, 1)
    assert sum(count.count for count in closed.shed) == 1 + len(odd)


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param({"opened_at_us": 1}, id="opened in 1970"),
        pytest.param({"opened_at_us": -1}, id="opened before 1970"),
        pytest.param({"opened_at_us": FAR}, id="opened in the far future"),
        pytest.param({"policy": "x" * 1_000_000}, id="a megabyte of policy"),
        pytest.param(
            {"segments": [pb.Segment(to_ms=9, rate_pct=100, at_us=FAR)]}, id="played at no time"
        ),
        pytest.param(
            {"segments": [pb.Segment(to_ms=9, rate_pct=100, at_us=-FAR)]}, id="played before all"
        ),
        pytest.param({"segments": [pb.Segment(to_ms=1)] * 30_000}, id="too many segments"),
        pytest.param({"keep_days": 2**32 - 1}, id="kept for ever"),
        pytest.param({"camera": 99}, id="no such camera"),
    ],
)
async def test_openings_that_make_no_sense(opening: dict[str, object], worker: Worker) -> None:
    """INVALID_ARGUMENT, never a fault of ours."""
    opening = {"tenant_id": 7, **opening}
    assert await refused(worker, SEVEN, **opening) is grpc.StatusCode.INVALID_ARGUMENT


async def test_what_no_worker_has_written(worker: Worker) -> None:
    """Lies about the past of one's own session change nothing but that session."""
    glance = pb.Glance(at_ms=2**32 - 1, state=pb.STATE_FOCUSED, trace=b"\xff" * 72)
    glance.probability = math.nan
    written = pb.Written(until_s=2**32 - 1, facts=2**32 - 1, attention_sum=2**32 - 1)
    events = [an_event(seq, position_ms=math.nan, at_us=FAR) for seq in range(1, 200)]
    for past in (
        {"written": written},
        {"written": pb.Written(), "glances": [glance] * 1000},
        {"written": pb.Written(), "events": events},
        {"acked_event_seq": 2**32 - 1},
    ):
        async with stranger(worker, **past) as call:
            await call.closed()


async def test_a_flood_of_frames(worker: Worker, portrait: bytes) -> None:
    """A thousand, as fast as they leave: what is too much is refused, and all is counted."""
    async with stranger(worker) as call:
        began_s, reader = time.monotonic(), asyncio.create_task(call.until("closed"))
        for sequence in range(1, 1001):
            await call.send(frame=a_frame(sequence, portrait))
            await asyncio.sleep(0.002)
        await call.send(close=pb.Close(reason=pb.EXIT_REASON_LEFT))
        closed, took_s = (await reader).closed, time.monotonic() - began_s
    shed = Counter({count.reason: count.count for count in closed.shed})
    assert closed.frames_received == 1000 == closed.frames_answered + shed.total()
    per_s = SLACK * LEVELS[0].most_fps_milli / 1000
    assert 1000 - shed[pb.SHED_REASON_REFUSED_RATE] <= per_s * (BURST_S + took_s) + 1


async def test_a_flood_of_events(worker: Worker) -> None:
    """Five thousand at once: a few hundred are kept, each of the others is refused by name."""
    async with stranger(worker) as call:
        began_s, reader = time.monotonic(), asyncio.create_task(call.until("closed"))
        for seq in range(1, 5001):
            await call.send(player_event=an_event(seq, kind=pb.EVENT_KIND_MARK))
        await call.send(close=pb.Close(reason=pb.EXIT_REASON_LEFT))
        closed, took_s = (await reader).closed, time.monotonic() - began_s
    refused_events = {count.reason: count.count for count in closed.shed}
    assert closed.acked_event_seq == 5000
    rate = refused_events[pb.SHED_REASON_REFUSED_RATE]
    assert rate + closed.interactions_written == 5000
    assert closed.interactions_written <= events._BURST + events._EVENTS_PER_S * took_s + 1


async def test_messages_and_headers_of_megabytes(worker: Worker) -> None:
    """RESOURCE_EXHAUSTED for what no message may hold, a shed for what no frame may."""
    async with stranger(worker) as call:
        await call.send(frame=a_frame(1, bytes(8_000_000)))
        shed = (await call.until("shed")).shed
        assert shed.reason == pb.SHED_REASON_REJECTED_TOO_MANY_BYTES
        with suppress(grpc.aio.AioRpcError):
            await call.send(frame=a_frame(2, bytes(20_000_000)))
        code, _ = await call.status()
        assert code in {grpc.StatusCode.RESOURCE_EXHAUSTED, NOT_SENT}
    async with worker.channel() as channel:
        health: Any = channel.unary_unary("/grpc.health.v1.Health/Check")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await health(b"", metadata=(("x-large", "x" * 1_000_000),), timeout=WITHIN_S)
        assert raised.value.code() in {grpc.StatusCode.RESOURCE_EXHAUSTED, NOT_SENT}

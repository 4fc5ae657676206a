"""Wrong frames, slow readers and calls that end: each gets an answer, none hurts another."""

import asyncio
import math
from contextlib import suppress

import grpc
import pytest
from google.protobuf.message import Message
from rapt.limits import MAX_FRAME_BYTES
from rapt.v1 import perception_pb2 as pb
from structlog.testing import capture_logs

from benchmarks.breaking.student import CALL_OVER
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event, an_open
from tests.inference.fakes import BROKEN, POISON, House, running_house


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        pytest.param(a_frame(1, b""), pb.SHED_REASON_REJECTED_EMPTY, id="empty"),
        pytest.param(pb.Frame(sequence=1), pb.SHED_REASON_REJECTED_EMPTY, id="no content"),
        pytest.param(
            a_frame(1, bytes(5_000_000)), pb.SHED_REASON_REJECTED_TOO_MANY_BYTES, id="5 MB"
        ),
        pytest.param(
            a_frame(1, bytes(MAX_FRAME_BYTES + 1)),
            pb.SHED_REASON_REJECTED_TOO_MANY_BYTES,
            id="one byte too many",
        ),
        pytest.param(a_frame(1, BROKEN), pb.SHED_REASON_REJECTED_NOT_AN_IMAGE, id="no image"),
        pytest.param(
            pb.Frame(sequence=1, landmarks=pb.Landmarks(xyz=[0.5])),
            pb.SHED_REASON_REJECTED_UNSUPPORTED,
            id="landmarks",
        ),
        pytest.param(a_frame(0), pb.SHED_REASON_REJECTED_SEQUENCE, id="sequence 0"),
        pytest.param(a_frame(1, POISON), pb.SHED_REASON_REFUSED_FAULT, id="our fault"),
    ],
)
async def test_a_wrong_frame_is_answered_and_the_next_one_is_served(
    frame: pb.Frame, reason: pb.ShedReason.ValueType
) -> None:
    """One shed with the reason, then a verdict; both counted."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send(frame=frame)
        shed = (await call.until("shed")).shed
        assert (shed.reason, shed.frame_sequence) == (reason, frame.sequence)
        assert shed.detail
        assert shed.control.acked_sequence == frame.sequence
        await call.send(frame=a_frame(2))
        assert (await call.until("verdict")).verdict.sequence == 2
        closed = await call.closed()
        assert (closed.frames_received, closed.frames_answered) == (2, 1)
        assert [(c.reason, c.count) for c in closed.shed] == [(reason, 1)]


async def test_a_repeated_frame_is_rejected() -> None:
    """Sequences only rise."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send(frame=a_frame(5))
        await call.until("verdict")
        await call.send(frame=a_frame(5))
        shed = (await call.until("shed")).shed
        assert shed.reason == pb.SHED_REASON_REJECTED_SEQUENCE


async def test_a_message_without_content_is_answered() -> None:
    """Neither frame nor event: the shed has no subject and the stream goes on."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send()
        shed = (await call.until("shed")).shed
        assert shed.reason == pb.SHED_REASON_REJECTED_MESSAGE
        assert shed.WhichOneof("subject") is None
        await call.send(frame=a_frame(1))
        await call.until("verdict")


async def test_unknown_fields_are_ignored() -> None:
    """A newer gateway may say more than we know."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        newer = _with_unknown_field(a_frame(1))
        await call.send(frame=newer)
        assert (await call.until("verdict")).verdict.sequence == 1


async def test_only_the_newest_frame_waits_and_every_one_is_answered() -> None:
    """While the device works, newer frames supersede older ones; received = answered + shed."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        house.pipeline.may_go.clear()
        await call.send(frame=a_frame(1))
        await house.pipeline.is_reached()
        for sequence in range(2, 7):
            await call.send(frame=a_frame(sequence))
        for _ in range(4):
            await call.until("shed")
        house.pipeline.may_go.set()
        verdicts = [(await call.until("verdict")).verdict.sequence for _ in range(2)]
        assert verdicts == [1, 6]
        assert [shed.frame_sequence for shed in call.sheds()] == [2, 3, 4, 5]
        closed = await call.closed()
        assert closed.frames_received == closed.frames_answered + sum(c.count for c in closed.shed)


async def test_a_frame_that_cannot_be_in_time_expires() -> None:
    """Its budget is shorter than the device's usual run."""
    async with running_house() as house:
        house.worker.engine._ran_at_s = math.inf  # else it is run after a second, to see
        for _ in range(10):
            house.worker.engine.table.add(1, 0.5)
        call = house.call()
        await call.opened()
        await call.send(frame=pb.Frame(sequence=1, image=b"x", budget_ms=100))
        assert (await call.until("shed")).shed.reason == pb.SHED_REASON_EXPIRED


async def test_a_close_waits_for_the_frame_under_way() -> None:
    """The last frame is answered before the call is closed."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        house.pipeline.may_go.clear()
        await call.send(frame=a_frame(1))
        await house.pipeline.is_reached()
        await call.send(close=pb.Close(reason=pb.EXIT_REASON_LEFT))
        house.pipeline.may_go.set()
        assert (await call.until("verdict")).verdict.sequence == 1
        assert (await call.until("closed")).closed.frames_answered == 1


async def test_a_gateway_that_only_stops_sending_gets_its_answers_and_may_come_back() -> None:
    """Half-closed without a close: the call ends well, the session waits for the next one."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        house.pipeline.may_go.clear()
        await call.send(frame=a_frame(1))
        await house.pipeline.is_reached()
        await call.grpc.done_writing()
        house.pipeline.may_go.set()
        assert (await call.until("verdict")).verdict.sequence == 1
        assert await call.status() == (grpc.StatusCode.OK, "")
        assert len(house.worker.sessions._carried) == 1
        assert not any(row.exit_reason for row in house.writer.sessions())


@pytest.mark.parametrize("where", ["mailbox", "running"])
async def test_one_of_four_leaves_and_three_are_answered(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that goes away takes nobody with it, in its mailbox or in the running batch."""
    with capture_logs() as logs:
        await _one_leaves(where)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert [entry for entry in logs if entry["log_level"] not in {"info", "debug"}] == []


async def test_a_bug_of_ours_ends_one_call_with_a_status() -> None:
    """INTERNAL and no inner words; the worker goes on."""
    async with running_house() as house:
        broken, healthy = house.call(), house.call()
        await broken.opened(session_id=1, user_key=1)
        await healthy.opened(session_id=2, user_key=2)
        carried = next(iter(house.worker.sessions._carried.values()))
        carried.session.gate.rule = None  # type: ignore[method-assign,assignment]  # a bug of ours
        await broken.send(player_event=an_event(1))
        code, details = await broken.status()
        assert (code, "NoneType" in details) == (grpc.StatusCode.INTERNAL, False)
        await healthy.send(frame=a_frame(1))
        await healthy.until("verdict")


async def test_a_gateway_that_reads_nothing_loses_its_call_and_no_other_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The box of answers stays bounded; after the limit the session waits for another call."""
    monkeypatch.setattr("inference.streams.stream.SLOW_READER_S", 2.0)
    async with running_house() as house:
        other = house.call()
        await other.opened(session_id=2, user_key=2)
        slow = house.call(narrow=True)
        await slow.send(open=an_open())
        with suppress(*CALL_OVER):  # it may be cut in the middle of a message
            for sequence in range(1, 6000):
                await slow.send(frame=a_frame(sequence, b""))
                if _value(house, "rapt_streams_open") == 1 and sequence > 100:
                    break
        await _value_is(house, "rapt_streams_open", 1)
        assert (_value(house, "rapt_answers_replaced_total") or 0) > 0
        await other.send(frame=a_frame(1))
        await other.until("verdict")


async def _one_leaves(where: str) -> None:
    async with running_house() as house:
        calls = [house.call() for _ in range(4)]
        for number, call in enumerate(calls):
            await call.opened(session_id=100 + number, user_key=100 + number)
        await _fill_mailboxes(house, calls)
        if where == "running":
            await _next_batch(house)
        calls[0].grpc.cancel()
        await _value_is(house, "rapt_frames_cancelled_total", 1)
        house.pipeline.may_go.set()
        for call in calls[1:]:
            await call.until("verdict")
        assert house.pipeline.batches == [1, 4 if where == "running" else 3]


async def _fill_mailboxes(house: House, calls: list[Call]) -> None:
    """Hold the device in somebody's frame, and let a frame of each call wait."""
    blocker = house.call()
    await blocker.opened(session_id=99, user_key=99)
    house.pipeline.may_go.clear()
    await blocker.send(frame=a_frame(1))
    await house.pipeline.is_reached()
    for call in calls:
        await call.send(frame=a_frame(1))
    await _value_is(house, "rapt_frames_received_total", 1 + len(calls))


async def _next_batch(house: House) -> None:
    """Let the device go on with its next batch, and hold it there."""
    house.pipeline.started.clear()
    house.pipeline.let_one_go()
    await house.pipeline.is_reached()


async def _value_is(house: House, name: str, value: float) -> None:
    """Wait until a metric has a value."""
    async with asyncio.timeout(WITHIN_S):
        while _value(house, name) != value:  # noqa: ASYNC110  # a metric has no event to wait for
            await asyncio.sleep(0.01)


def _value(house: House, name: str) -> float | None:
    return house.metrics.registry.get_sample_value(name)


def _with_unknown_field(message: pb.Frame) -> pb.Frame:
    """Return the message with a field that the contract does not have."""
    data = message.SerializeToString() + b"\xfa\x3e\x03new"  # field 1007, three bytes
    parsed = pb.Frame.FromString(data)
    assert isinstance(parsed, Message)
    return parsed

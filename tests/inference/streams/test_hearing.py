"""Player events over the wire: wrong ones are answered, right ones are on disk before the ack."""

import asyncio
import math
import time

import pytest
from rapt.v1 import perception_pb2 as pb

from inference.sessions import events as rules
from tests.inference.calling import WITHIN_S, a_frame, an_event, now_us
from tests.inference.fakes import running_house

US = 1_000_000


def _at(offset_s: float) -> int:
    return now_us() + round(offset_s * US)


def _segment(from_ms: int, to_ms: int, began_s: float, rate_pct: int = 100) -> pb.Segment:
    return pb.Segment(
        from_ms=from_ms, to_ms=to_ms, rate_pct=rate_pct, visible=True, at_us=_at(began_s)
    )


def _wrong_events() -> dict[str, tuple[dict[str, object], pb.ShedReason.ValueType]]:
    position, moment = pb.SHED_REASON_REJECTED_EVENT_POSITION, pb.SHED_REASON_REJECTED_EVENT_TIME
    segments, message = pb.SHED_REASON_REJECTED_EVENT_SEGMENTS, pb.SHED_REASON_REJECTED_MESSAGE
    return {
        "position NaN": ({"position_ms": math.nan}, position),
        "position infinite": ({"position_ms": math.inf}, position),
        "position negative": ({"position_ms": -1.0}, position),
        "position past the end": ({"position_ms": 61_001.0}, position),
        "seek to NaN": ({"to_ms": math.nan}, position),
        "an hour ahead": ({"at_us": _at(3600)}, moment),
        "an hour ago": ({"at_us": _at(-3600)}, moment),
        "no time": ({"at_us": -1}, moment),
        "going backwards": ({"at_us": _at(-20)}, moment),
        "played more than the clock": ({"segments": [_segment(0, 9000, -2)]}, segments),
        "segment turned round": ({"segments": [_segment(500, 400, -2)]}, segments),
        "segment at no speed": ({"segments": [_segment(0, 400, -2, 0)]}, segments),
        "segment past the end": ({"segments": [_segment(0, 70_000, -100)]}, segments),
        "segment of the future": ({"segments": [_segment(0, 10, 60)]}, segments),
        "too many segments": ({"segments": [_segment(0, 1, -5)] * 20_001}, segments),
        "unknown kind": ({"kind": 99}, message),
        "impossible speed": ({"rate_pct": 2000}, message),
    }


@pytest.mark.parametrize("name", _wrong_events())
async def test_a_wrong_event_is_answered_acknowledged_and_not_stored(name: str) -> None:
    """The shed names the event, the number counts as settled, the next event is stored."""
    changes, reason = _wrong_events()[name]  # made now: their times are relative to now
    async with running_house() as house:
        call = house.call()
        await call.opened(opened_at_us=_at(-120))
        await call.send(player_event=an_event(1, at_us=_at(-10)))
        await call.until_acked(1)
        await call.send(player_event=an_event(2, **changes))
        shed = (await call.until("shed")).shed
        assert (shed.reason, shed.event_seq) == (reason, 2)
        assert shed.detail
        await call.send(player_event=an_event(3, kind=pb.EVENT_KIND_PAUSE))
        await call.until_acked(3)
        closed = await call.closed()
        assert closed.acked_event_seq == 3
        assert [row.seq for row in house.writer.interactions()] == [1, 3]


async def test_an_event_without_a_number_is_received_and_refused() -> None:
    """Whatever is counted as refused was counted as received; it holds up no other."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send(player_event=an_event(0))
        assert (await call.until("shed")).shed.reason == pb.SHED_REASON_REJECTED_MESSAGE
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        value = house.metrics.registry.get_sample_value
        assert value("rapt_events_received_total") == 2
        assert value("rapt_events_shed_total", {"reason": "rejected_message"}) == 1


async def test_ten_thousand_events_at_once_are_refused_beyond_the_burst() -> None:
    """Some are stored, the rest is refused for the rate, all are acknowledged."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        began_s, reader = time.monotonic(), asyncio.create_task(call.until_acked(10_000))
        for seq in range(1, 10_001):
            await call.send(player_event=an_event(seq, kind=pb.EVENT_KIND_MARK))
        await reader
        took_s = time.monotonic() - began_s
        closed = await call.closed()
        refused = sum(c.count for c in closed.shed)
        assert {c.reason for c in closed.shed} == {pb.SHED_REASON_REFUSED_RATE}
        assert closed.interactions_written + refused == 10_000
        most = rules._BURST + rules._EVENTS_PER_S * took_s
        assert 200 <= closed.interactions_written <= most + 1


async def test_an_event_that_comes_again_is_acknowledged_again_and_stored_once() -> None:
    """A gateway that repeats itself changes nothing."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        for _ in range(3):
            await call.send(player_event=an_event(1))
            await call.until_acked(1)
        assert len(house.writer.interactions()) == 1
        assert call.sheds() == []


async def test_events_of_a_full_disk_are_refused_one_by_one() -> None:
    """The stream says so, acknowledges none, and takes them when there is room and they come."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        house.writer.is_full = True
        await call.send(player_event=an_event(1))
        shed = (await call.until("shed")).shed
        assert (shed.reason, shed.event_seq) == (pb.SHED_REASON_REFUSED_SPOOL_FULL, 1)
        assert shed.control.acked_event_seq == 0
        house.writer.is_full = False
        at_us = now_us()
        await call.send(player_event=an_event(2, kind=pb.EVENT_KIND_PAUSE, at_us=at_us))
        await call.send(player_event=an_event(1, at_us=at_us - 900_000))
        await call.until_acked(2)
        closed = await call.closed()
        assert closed.interactions_written == 2


async def test_events_under_way_when_the_call_is_cut_may_come_again() -> None:
    """Nobody knows whether they reached the disk; sent again they are stored and acknowledged."""
    async with running_house() as house:
        call, opened_at_us = house.call(), now_us()
        await call.opened(opened_at_us=opened_at_us)
        house.writer.may_go.clear()
        events = [an_event(seq, at_us=_at(seq)) for seq in (1, 2, 3)]
        for event in events:
            await call.send(player_event=event)
        session = next(iter(house.worker.sessions._carried.values())).session
        async with asyncio.timeout(WITHIN_S):
            while not session.gate.numbers._open:  # noqa: ASYNC110  # numbers have no event
                await asyncio.sleep(0.01)
        call.grpc.cancel()
        async with asyncio.timeout(WITHIN_S):
            while False in session.gate.numbers._open.values():  # noqa: ASYNC110  # numbers have no event
                await asyncio.sleep(0.01)
        house.writer.may_go.set()
        again = house.call()
        await again.opened(opened_at_us=opened_at_us)
        for event in events:
            await again.send(player_event=event)
        await again.until_acked(3)
        assert {row.seq for row in house.writer.interactions()} == {1, 2, 3}
        assert again.sheds() == []


async def test_an_event_is_not_acknowledged_before_it_is_on_disk() -> None:
    """While the disk works, answers carry the old number."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        house.writer.may_go.clear()
        await call.send(player_event=an_event(1))
        await call.send(frame=a_frame(1))
        verdict = (await call.until("verdict")).verdict
        assert verdict.control.acked_event_seq == 0
        house.writer.may_go.set()
        await call.until_acked(1)

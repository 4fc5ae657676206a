"""Sittings over several calls: cut, opened again, taken over, closed, written down."""

import asyncio

import grpc
import pytest
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason, Player
from inference.messages import Opening
from inference.metrics import Metrics
from inference.sessions.session import MAX_PENDING_FACTS
from inference.sessions.sessions import Carried, Sessions
from inference.wire.requests import read_request
from tests.inference.calling import WITHIN_S, a_frame, an_event, an_open, now_us
from tests.inference.fakes import House, RecordingWriter, running_house

US = 1_000_000
AGO_S = 100
OPENED_US = now_us()


def a_beat(seq: int, opened_at_us: int, at_s: float) -> pb.PlayerEvent:
    """Return a beat of a player that has played without a pause since second 90."""
    played_ms = round((at_s - 90) * 1000)
    segment = pb.Segment(
        from_ms=0, to_ms=played_ms, rate_pct=100, visible=True, at_us=opened_at_us + 90 * US
    )
    return an_event(
        seq,
        kind=pb.EVENT_KIND_BEAT,
        at_us=opened_at_us + round(at_s * US),
        position_ms=played_ms,
        to_ms=played_ms,
        segments=[segment],
    )


async def test_a_session_without_camera_and_without_events_still_has_its_facts() -> None:
    """From the opening to the close, unknown and without a score."""
    async with running_house() as house:
        call = house.call()
        await call.opened(opened_at_us=now_us() - 3 * US)
        carried = next(iter(house.worker.sessions._carried.values()))
        carried.session._origin_s -= 4.0  # four seconds pass
        closed = await call.closed()
        facts = house.writer.facts()
        assert [fact.t_s for fact in facts] == list(range(facts[0].t_s, facts[0].t_s + len(facts)))
        assert facts[0].t_s >= 3
        assert closed.facts_written == len(facts) >= 4
        assert {(f.frames, f.verdict, f.attention_pct, f.player) for f in facts} == {
            (0, pb.STATE_UNKNOWN, None, Player.UNKNOWN)
        }


async def test_facts_come_while_the_session_lasts() -> None:
    """Second t is written when t + 1 and the grace have passed, not at the end."""
    async with running_house() as house:
        call = house.call()
        await call.opened(opened_at_us=now_us())
        await call.send(player_event=an_event(1))
        await call.send(frame=a_frame(1))
        verdict = (await call.until("verdict")).verdict
        second = verdict.glance.at_ms // 1000
        await _facts(house.writer, until_s=second)
        facts = house.writer.facts()
        assert [fact.t_s for fact in facts] == list(range(facts[0].t_s, facts[0].t_s + len(facts)))
        seen = {fact.t_s: fact.verdict for fact in facts if fact.frames}
        assert seen == {second: verdict.state}


async def test_a_cut_session_goes_on_in_the_same_worker_without_a_hole() -> None:
    """No second is missing, none is there twice, and repeated events are stored once."""
    async with running_house() as house:
        opened_at_us = now_us() - AGO_S * US
        for seq in (1, 2, 3):
            call = house.call()
            await call.opened(opened_at_us=opened_at_us, acked_event_seq=seq - 1)
            for again in range(1, seq + 1):
                await call.send(player_event=an_event(again, kind=pb.EVENT_KIND_MARK))
            await call.until_acked(seq)
            if seq == 3:
                await call.closed()
            else:
                await asyncio.sleep(0.7)
                call.grpc.cancel()
                await _streams(house, 0)
        seconds = [fact.t_s for fact in house.writer.facts()]
        assert len(seconds) >= 1
        assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
        assert [row.seq for row in house.writer.interactions()] == [1, 2, 3]


async def test_after_a_kill_another_worker_goes_on_and_writes_no_second_twice() -> None:
    """The new worker begins at its own second; the old one can not have closed that."""
    opened_at_us = now_us() - AGO_S * US
    old, new = RecordingWriter(), RecordingWriter()
    async with running_house(writer=old) as house:
        call = house.call()
        await call.opened(opened_at_us=opened_at_us)
        await call.send(player_event=a_beat(1, opened_at_us, AGO_S))
        await call.until_acked(1)
        await _facts(old)
    async with running_house(writer=new) as house:
        call = house.call()
        last = a_beat(2, opened_at_us, AGO_S + 2)
        await call.opened(
            opened_at_us=opened_at_us, acked_event_seq=1, segments=list(last.segments)
        )
        await call.send(player_event=last)
        await call.until_acked(2)
        assert new.sessions()[-1].segments[0].to_ms == last.segments[0].to_ms
        closed = await call.closed()
        assert closed.acked_event_seq == 2
    before = {fact.t_s for fact in old.facts()}
    after = {fact.t_s for fact in new.facts()}
    assert before
    assert not before & after


async def test_a_row_that_knows_no_segments_never_replaces_one_that_does() -> None:
    """Opened again without segments and closed without an event: the old row stands."""
    async with running_house() as house:
        call = house.call()
        await call.opened(acked_event_seq=5)
        await call.closed()
        assert house.writer.sessions() == []


async def test_a_second_call_of_the_same_session_takes_it_over() -> None:
    """The older call ends; the newer one is served."""
    async with running_house() as house:
        old, new = house.call(), house.call()
        await old.opened()
        await new.opened()
        code, details = await old.status()
        assert (code, "another call" in details) == (grpc.StatusCode.PERMISSION_DENIED, True)
        await new.send(frame=a_frame(1))
        await new.until("verdict")


async def test_an_older_lease_does_not_get_the_session() -> None:
    """Another device took over; the first one is told."""
    async with running_house() as house:
        current, paused = house.call(), house.call()
        await current.opened(fence=7)
        await paused.send(open=an_open(fence=6))
        code, details = await paused.status()
        assert (code, "another device" in details) == (grpc.StatusCode.PERMISSION_DENIED, True)


async def test_facts_wait_for_room_on_a_full_disk_and_then_come() -> None:
    """Nothing is lost while the disk is full for a moment."""
    writer = RecordingWriter()
    sessions = Sessions(writer, Metrics(), model="fake/1")
    carried = _opened(sessions)
    writer.is_full = True
    carried.session._origin_s -= 20
    await sessions.flush()
    waiting = len(carried.session.pending)
    assert waiting >= 10
    writer.is_full = False
    await sessions.flush()
    assert len(writer.facts()) == waiting
    assert not carried.session.pending


async def test_a_session_that_closes_on_a_full_disk_is_closed_when_there_is_room() -> None:
    """Closed says that everything is on disk, so it waits for that; nothing is forgotten."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        house.writer.is_full = True
        await call.send(close=pb.Close(reason=pb.EXIT_REASON_LEFT))
        await house.writer.refused_again()
        assert ExitReason.LEFT not in {row.exit_reason for row in house.writer.sessions()}
        house.writer.is_full = False
        await call.until("closed")
        assert house.writer.sessions()[-1].exit_reason is ExitReason.LEFT


async def test_a_disk_that_stays_full_costs_bounded_memory() -> None:
    """The oldest facts go, and are counted."""
    writer = RecordingWriter()
    metrics = Metrics()
    sessions = Sessions(writer, metrics, model="fake/1")
    carried = _opened(sessions)
    writer.is_full = True
    carried.session._origin_s -= MAX_PENDING_FACTS + 50
    await sessions.flush()
    assert len(carried.session.pending) == MAX_PENDING_FACTS
    lost = metrics.registry.get_sample_value("rapt_facts_lost_total")
    assert lost is not None
    assert lost >= 48


async def test_a_fault_in_one_session_ends_it_and_no_other() -> None:
    """The others' facts are written in the same round."""
    writer = RecordingWriter()
    sessions = Sessions(writer, Metrics(), model="fake/1")
    broken, healthy = _opened(sessions, 1), _opened(sessions, 2)
    broken.session.seconds.playhead = None  # type: ignore[assignment]  # a bug of ours
    for carried in (broken, healthy):
        carried.session._origin_s -= 20
    await sessions.flush()
    assert {fact.session_id for fact in writer.facts()} == {2}
    assert broken.displaced is not None
    assert broken.displaced.is_set()
    assert len(sessions._carried) == 1


async def test_a_close_that_is_overtaken_by_another_call_does_not_wait_for_ever() -> None:
    """The new call has the session; the old one is let go."""
    sessions = Sessions(RecordingWriter(), Metrics(), model="fake/1")
    old = _opened(sessions)
    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(sessions.close(old, ExitReason.LEFT))
        await asyncio.sleep(0)
        new = _opened(sessions)
    await sessions.close(old, ExitReason.LEFT)
    assert new.session is old.session
    assert new.session.exit_reason is ExitReason.OPEN


async def test_a_close_waits_for_its_own_rows_and_not_for_older_ones() -> None:
    """Rows that were collected before the close do not count as the last ones."""
    writer = RecordingWriter()
    sessions = Sessions(writer, Metrics(), model="fake/1")
    carried = _opened(sessions, opened_at_us=now_us())
    writer.may_go.clear()
    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(sessions.flush())
        closing = tasks.create_task(sessions.close(carried, ExitReason.LEFT))
        await asyncio.sleep(0)
        writer.may_go.set()
        while not writer.sessions():  # noqa: ASYNC110  # the writer has no event
            await asyncio.sleep(0)
        assert not closing.done()
        tasks.create_task(sessions.flush())
    assert [row.exit_reason for row in writer.sessions()] == [ExitReason.OPEN, ExitReason.LEFT]


@pytest.mark.parametrize("reason", [pb.EXIT_REASON_UNSPECIFIED, pb.EXIT_REASON_LOST])
async def test_the_last_row_says_why_the_session_ended(reason: pb.ExitReason.ValueType) -> None:
    """A close without a reason is a person who left."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.closed(reason)
        expected = ExitReason.LOST if reason else ExitReason.LEFT
        assert house.writer.sessions()[-1].exit_reason is expected


def _opened(sessions: Sessions, session_id: int = 1, *, opened_at_us: int = OPENED_US) -> Carried:
    opened = an_open(session_id=session_id, opened_at_us=opened_at_us)
    opening = read_request(pb.ObserveRequest(open=opened))
    assert isinstance(opening, Opening)
    return sessions.open(opening)


async def _facts(writer: RecordingWriter, *, until_s: int = 0) -> None:
    async with asyncio.timeout(WITHIN_S):
        while all(fact.t_s < until_s for fact in writer.facts()):  # noqa: ASYNC110  # the writer has no event
            await asyncio.sleep(0.05)


async def _streams(house: House, count: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while house.metrics.registry.get_sample_value("rapt_streams_open") != count:  # noqa: ASYNC110  # a metric has no event
            await asyncio.sleep(0.01)

"""One Observe call against a real server on the loopback, from opening to status."""

import grpc
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason
from tests.inference.fakes import a_frame, an_event, now_us, running_house


async def test_a_frame_is_answered_and_everything_is_on_disk_when_the_call_closes() -> None:
    """Open, event, frame, close: a verdict, an acknowledgement, facts, the session's row."""
    async with running_house() as house:
        call = house.call()
        opened = await call.opened(opened_at_us=now_us() - 3_600_000_000)
        assert (opened.model, opened.provider) == ("fake/1", "FakeExecutionProvider")
        assert opened.control.credits == 1
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        await call.send(frame=a_frame(1))
        verdict = (await call.until("verdict")).verdict
        assert verdict.sequence == 1
        assert verdict.control.acked_sequence == 1
        closed = await call.closed(pb.EXIT_REASON_COMPLETED)
        assert (closed.frames_received, closed.frames_answered) == (1, 1)
        assert closed.interactions_written == 1
        assert closed.facts_written == len(house.writer.facts())
        assert [row.kind for row in house.writer.interactions()] == ["play"]
        assert house.writer.sessions()[-1].exit_reason is ExitReason.COMPLETED
        assert await call.status() == (grpc.StatusCode.OK, "")

"""What became of a session's frames, over all its calls."""

from pathlib import Path

from rapt.v1 import perception_pb2 as perception

from gateway.viewing.tally import Tally
from tests.gateway.running import frame, gateway_of_two


def test_the_counts_of_the_session_take_the_place_of_the_calls() -> None:
    """A worker knows only its own call."""
    tally = Tally()
    for _ in range(3):
        tally.receive()
    tally.answer()
    tally.shed(perception.SHED_REASON_EXPIRED)
    tally.shed(perception.SHED_REASON_EXPIRED)
    closed = perception.Closed(
        frames_received=1, facts_written=9, shed=[perception.ShedCount(count=7)]
    )
    tally.fill(closed)
    assert (closed.frames_received, closed.frames_answered, closed.facts_written) == (3, 1, 9)
    assert [(c.reason, c.count) for c in closed.shed] == [(perception.SHED_REASON_EXPIRED, 2)]


async def test_a_session_that_moved_is_counted_as_one(tmp_path: Path) -> None:
    """Two frames with one worker, one with the next: three."""
    async with (
        gateway_of_two(tmp_path) as (gateway, workers),
        gateway.student() as browser,
    ):
        for worker in workers:
            worker.perception.drains_at = 2
        for sequence in (1, 2, 3):
            await browser.send(frame=frame(sequence))
            await browser.next_of("verdict")
        await browser.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
        closed = await browser.next_of("closed")
    assert (closed.frames_received, closed.frames_answered) == (3, 3)
    assert sorted(len(worker.perception.frames) for worker in workers) == [1, 2]

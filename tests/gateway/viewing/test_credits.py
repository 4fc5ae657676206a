"""Credits on a real call: how many frames of a browser that does not care reach a worker?"""

from collections import Counter
from typing import Any

import pytest
from rapt.deadline import MAX_BUDGET_MS
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.viewing import frame_slot
from tests.gateway.fakes import FakePerception
from tests.gateway.running import Browser, Running

FRAMES = 30
PICTURE = bytes(10_700)
"""320 x 240, as our page sends it: gRPC alone would take some ten of them."""


def _frame(sequence: int, budget_ms: int = MAX_BUDGET_MS) -> perception.Frame:
    """Return a frame that a busy machine does not make late, unless it is told so."""
    return perception.Frame(sequence=sequence, budget_ms=budget_ms, image=PICTURE)


async def _outcomes(browser: Browser, outcomes: Counter[int], count: int) -> None:
    """Hear what becomes of frames, until so many outcomes were told."""
    while outcomes.total() < count:
        message = await browser.next()
        match message.WhichOneof("message"):
            case "verdict":
                outcomes[message.verdict.sequence] += 1
            case "shed":
                assert message.shed.reason == perception.SHED_REASON_SUPERSEDED
                outcomes[message.shed.frame_sequence] += 1


async def _goodbye(browser: Browser) -> Any:
    await browser.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
    return await browser.next_of("closed")


async def test_a_worker_that_stands_still_has_one_frame_and_then_the_newest(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """Nothing waits in the transport; each of thirty frames has one outcome."""
    outcomes: Counter[int] = Counter()
    perception_fake.may_go_on.clear()
    async with gateway.student() as browser:
        await browser.send(frame=_frame(1))
        await perception_fake.until(1, "frames")
        for sequence in range(2, FRAMES + 1):
            await browser.send(frame=_frame(sequence))
        await _outcomes(browser, outcomes, FRAMES - 2)
        perception_fake.may_go_on.set()
        await _outcomes(browser, outcomes, FRAMES)
        closed = await _goodbye(browser)
    assert outcomes == Counter(range(1, FRAMES + 1))
    assert [seen.sequence for seen in perception_fake.frames] == [1, FRAMES]
    assert (closed.frames_received, closed.frames_answered) == (FRAMES, 2)
    assert [(c.reason, c.count) for c in closed.shed] == [
        (perception.SHED_REASON_SUPERSEDED, FRAMES - 2)
    ]


async def test_two_credits_are_two_frames(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """The one that it looks at, one that waits in the transport, and the newest at the end."""
    outcomes: Counter[int] = Counter()
    perception_fake.credit = 2
    perception_fake.may_go_on.clear()
    async with gateway.student() as browser:
        await browser.send(frame=_frame(1))
        await perception_fake.until(1, "frames")
        await browser.send(frame=_frame(2))
        await browser.send(ping=viewing.Ping(client_us=1))
        await browser.next_of("pong")  # by then the frame has left
        for sequence in range(3, FRAMES + 1):
            await browser.send(frame=_frame(sequence))
        await _outcomes(browser, outcomes, FRAMES - 3)
        perception_fake.may_go_on.set()
        await _outcomes(browser, outcomes, FRAMES)
    seen = [seen.sequence for seen in perception_fake.frames]
    assert outcomes == Counter(range(1, FRAMES + 1))
    assert seen == [1, 2, FRAMES]


async def test_a_frame_expires_while_the_one_before_is_not_answered(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """Nothing else happens in the session that would make anyone look."""
    perception_fake.holds_frames = True
    async with gateway.student() as browser:
        await browser.send(frame=_frame(1))
        await perception_fake.until(1, "frames")
        await browser.send(frame=_frame(2, 100))
        shed = await browser.next_of("shed")
    assert (shed.frame_sequence, shed.reason) == (2, perception.SHED_REASON_EXPIRED)
    assert [seen.sequence for seen in perception_fake.frames] == [1]


async def test_a_worker_that_never_answers_gets_the_next_frame_in_the_end(
    gateway: Running, perception_fake: FakePerception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before is given up without anybody's word; its answer had time enough."""
    monkeypatch.setattr(frame_slot, "SLACK_S", 0.0)
    async with gateway.student() as browser:
        await browser.send(frame=_frame(1))
        assert (await browser.next_of("verdict")).sequence == 1
        perception_fake.holds_frames = True
        await browser.send(frame=_frame(2, 1000))
        await perception_fake.until(2, "frames")
        shed = await browser.next_of("shed")
        assert (shed.frame_sequence, shed.reason) == (2, perception.SHED_REASON_EXPIRED)
        perception_fake.holds_frames = False
        await browser.send(frame=_frame(3))
        assert (await browser.next_of("verdict")).sequence == 3

"""What waits for one browser."""

import asyncio

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from rapt.websocket import CloseCode

from gateway.viewing.outbox import BUSY_ANSWERS, MAX_ANSWERS, Outbox


def _pong(number: int) -> viewing.ServerMessage:
    return viewing.ServerMessage(pong=viewing.Pong(client_us=number))


async def test_answers_leave_in_order_and_of_paces_only_the_newest() -> None:
    """Control is state: the older one is not sent."""
    outbox = Outbox()
    outbox.put_control(perception.Control(acked_event_seq=1))
    outbox.put(_pong(1))
    outbox.put_control(perception.Control(acked_event_seq=2))
    outbox.put(_pong(2))
    sent = [await outbox.next() for _ in range(3)]
    assert [m.pong.client_us for m in sent[:2] if m is not None] == [1, 2]
    assert sent[2] is not None
    assert sent[2].control.acked_event_seq == 2


async def test_a_picture_is_made_when_its_turn_comes() -> None:
    """Only the newest source is asked, and only once."""
    outbox = Outbox()
    asked: list[int] = []

    def source(number: int) -> viewing.ServerMessage:
        asked.append(number)
        return viewing.ServerMessage(wall=viewing.Wall(full=True))

    outbox.put_picture(lambda: source(1))
    outbox.put_picture(lambda: source(2))
    message = await outbox.next()
    assert message is not None
    assert message.wall.full
    assert asked == [2]


async def test_close_comes_after_what_waits() -> None:
    """The last answers are still sent."""
    outbox = Outbox()
    outbox.put(_pong(1))
    outbox.close(CloseCode.OVER, "over")
    assert await outbox.next() == _pong(1)
    assert await outbox.next() is None
    assert outbox.closing == (1000, "over")


async def test_a_full_outbox_closes_the_socket() -> None:
    """Memory is bounded; the browser connects again and asks for what it needs."""
    outbox = Outbox()
    for number in range(MAX_ANSWERS + 10):
        outbox.put(_pong(number))
    assert outbox.closing is not None
    assert outbox.closing[0] == CloseCode.TRY_LATER
    assert await outbox.next() is None


async def test_a_busy_outbox_slows_the_sender_down() -> None:
    """There is room again once half of it was taken."""
    outbox = Outbox()
    for number in range(BUSY_ANSWERS):
        outbox.put(_pong(number))
    waiting = asyncio.create_task(outbox.has_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    for _ in range(BUSY_ANSWERS // 2 + 1):
        await outbox.next()
    await waiting


async def test_an_abandoned_outbox_wakes_everyone() -> None:
    """Nobody waits for a browser that is gone."""
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.next())
    await asyncio.sleep(0)
    outbox.abandon()
    assert await waiting is None

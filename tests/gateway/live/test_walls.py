"""The wall over real sockets: who is here, how the class is, and what is left when it is over."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.live.pulse import PulsePoint
from gateway.live.seat import LEFT, NO_ATTENTION, SeatNow, unpack
from tests.gateway.fakes import FakeAnswers
from tests.gateway.running import Browser, Running, event, frame


class Watched:
    """A wall as a page folds it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.seats: dict[int, SeatNow] = {}
        self.names: dict[int, str] = {}
        self.last = viewing.Wall()

    async def next(self) -> None:
        """Take the next picture."""
        self.last = await self._browser.next_of("wall")
        if self.last.full:
            self.seats.clear()
        self.seats |= {now.seat: now for now in unpack(self.last.telemetry)}
        self.names |= {seat.seat: f"{seat.name} {seat.initials}" for seat in self.last.seats}

    async def until(self, seat: int, state: int) -> None:
        """Wait until a seat is in a state."""
        while seat not in self.seats or self.seats[seat].state != state:
            await self.next()

    async def until_left(self, seat: int) -> None:
        """Wait until a seat is empty."""
        while seat not in self.seats or not self.seats[seat].flags & LEFT:
            await self.next()


@asynccontextmanager
async def watching(gateway: Running, content_id: str) -> AsyncIterator[Watched]:
    """Open the wall as a teacher does."""
    teacher = await gateway.open_session(content_id, role="teacher", name="Grace")
    async with gateway.browser(teacher["ticket"]) as browser:
        await browser.send(watch_wall=viewing.WatchWall())
        yield Watched(browser)


async def test_the_wall_shows_who_is_here_and_how(gateway: Running) -> None:
    """Name, state and attention of a student; the teacher has no seat."""
    content_id = await gateway.make_content(kind="lesson")
    async with gateway.student(content_id) as student, watching(gateway, content_id) as wall:
        await student.send(frame=frame(1))
        await student.next_of("verdict")
        await wall.until(0, perception.STATE_FOCUSED)
        assert wall.names == {0: "Ada Lovelace AL"}
        assert wall.seats[0].attention_pct == 75
        assert list(wall.seats) == [0]
        assert wall.last.pulse.present == 1


async def test_a_student_who_leaves_keeps_the_seat(gateway: Running) -> None:
    """The seat is marked as left; the next student gets another one."""
    content_id = await gateway.make_content(kind="lesson")
    async with watching(gateway, content_id) as wall:
        async with gateway.student(content_id) as student:
            await student.send(player_event=event(1))
            await student.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
            await student.next_of("closed")
        await wall.until_left(0)
        async with gateway.student(content_id):
            await wall.until(1, perception.STATE_UNKNOWN)
        assert wall.seats[0].flags & LEFT


async def test_the_first_picture_is_full_and_the_next_ones_are_changes(gateway: Running) -> None:
    """A page that comes late sees everyone at once."""
    content_id = await gateway.make_content(kind="lesson")
    async with gateway.student(content_id), gateway.student(content_id):
        async with watching(gateway, content_id) as wall:
            await wall.until(1, perception.STATE_UNKNOWN)
        async with watching(gateway, content_id) as wall:
            await wall.next()
            assert wall.last.full
            await wall.next()
            assert not wall.last.full


async def test_the_pulse_of_five_students_is_told(gateway: Running) -> None:
    """Below five students the median is kept back."""
    content_id = await gateway.make_content(kind="lesson")
    students: list[Browser] = []
    sequences = count(1)
    async with watching(gateway, content_id) as wall, AsyncExitStack() as here:
        for _ in range(5):
            students.append(await here.enter_async_context(gateway.student(content_id)))
            while wall.last.pulse.n < len(students):
                for browser in students:  # again and again: after some seconds it is forgotten
                    await browser.send(frame=frame(next(sequences)))
                    await browser.next_of("verdict")
                await wall.next()
                assert wall.last.pulse.HasField("median") == (wall.last.pulse.n >= 5)
        assert wall.last.pulse.median == 0.75
        assert wall.last.pulse.present == 5


async def test_a_lesson_that_is_over_is_shown_from_stored_facts(
    gateway: Running, answers: FakeAnswers
) -> None:
    """The history comes from the store; who was there has left."""
    content_id = await gateway.make_content(kind="lesson")
    async with gateway.student(content_id) as student:
        await student.send(player_event=event(1))
        await student.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
        await student.next_of("closed")
    answers.past = [PulsePoint(1_000 + s, 0.5, 0.4, 0.6, 12, 12) for s in range(60)]
    async with watching(gateway, content_id) as wall:
        await wall.next()
        assert wall.last.full
        assert [p.at_s for p in wall.last.history][:60] == list(range(1_000, 1_060))
        assert wall.last.history[0].n == 12
        await wall.until_left(0)
        assert wall.seats[0].attention_pct == NO_ATTENTION
        while wall.last.pulse.present:
            await wall.next()


async def test_a_wall_without_a_store_still_shows_the_class(
    gateway: Running, answers: FakeAnswers
) -> None:
    """Only the past is missing."""
    answers.is_away = True
    content_id = await gateway.make_content(kind="lesson")
    async with gateway.student(content_id), watching(gateway, content_id) as wall:
        await wall.until(0, perception.STATE_UNKNOWN)
        assert wall.last.pulse.present == 1

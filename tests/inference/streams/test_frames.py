"""The frames of one call: taken or refused, held, answered once."""

import time

import pytest
from rapt.v1 import perception_pb2 as pb

from inference.engine.engine import Engine
from inference.messages import Camera, Frame, Pace, Shed, ShedReason
from inference.metrics import Metrics
from inference.perception.detect import MAX_ROOM_FACES
from inference.perception.look import Seen, Unreadability, Unreadable
from inference.perception.observation import Observation, RoomFace
from inference.scheduling.ladder import LEVELS, Terms
from inference.scheduling.latency import LatencyTable
from inference.sessions.sessions import Sessions
from inference.streams.frames import ROOM_FACES, SLACK, Frames, expected_faces
from inference.streams.outbox import Outbox
from inference.wire.requests import read_request
from tests.inference.calling import GOOD, an_open
from tests.inference.fakes import FakePipeline, RecordingWriter


def a_room_of(people: int) -> Seen:
    """Return what a picture of so many people shows."""
    room = tuple(RoomFace(n, (0.1, 0.1, 0.2, 0.3), 0.9, 25.0) for n in range(people))
    return Seen(Observation(people, 0.5, room=room), None)


class Call:
    """The frames of one call, and what is said about them."""

    def __init__(self, **changes: object) -> None:
        metrics, pipeline = Metrics(), FakePipeline()
        self.engine = Engine(pipeline, LatencyTable(pipeline.buckets), metrics)
        sessions = Sessions(RecordingWriter(), metrics, model="fake/1")
        opening = read_request(pb.ObserveRequest(open=an_open(**changes)))
        self.outbox = Outbox()
        self.frames = Frames(
            self.engine,
            sessions.open(opening),  # type: ignore[arg-type]  # it is one
            number=1,
            metrics=metrics,
            outbox=self.outbox,
        )
        self.sequence = 0

    def send(self, *, budget_ms: int = 1000, late_s: float = 0.0) -> None:
        """Send a frame that was captured so long ago."""
        self.sequence += 1
        captured_us = round((time.monotonic() - late_s) * 1e6)
        self.frames.take(Frame(self.sequence, captured_us, budget_ms, GOOD))

    async def said(self) -> Shed | Pace:
        """Return what is said next."""
        answer = await self.outbox.take(lambda: Pace(0, 0, self.frames.terms.fps_milli))
        assert isinstance(answer, Shed | Pace)
        return answer


async def test_a_stream_that_is_left_out_is_told_why_and_when_it_is_over() -> None:
    """Its frames are refused, not failed; both changes are told at once."""
    call = Call()
    call.frames.terms = Terms(5, 500, is_measured=False)
    assert isinstance(await call.said(), Pace)
    call.send()
    answer = await call.said()
    assert isinstance(answer, Shed)
    assert answer.reason is ShedReason.REFUSED_POOL_FULL
    assert "not measured now" in answer.detail
    assert call.frames.unanswered_since_s is None
    call.frames.terms = LEVELS[0]
    assert isinstance(await call.said(), Pace)
    call.engine.close()


async def test_only_frames_that_came_in_time_count_as_waiting_for_us() -> None:
    """A bad network and an impossible budget are no reason to ask everyone for less."""
    call = Call()
    call.send(budget_ms=20)
    assert call.frames.unanswered_since_s is None
    call.send()
    assert call.frames.unanswered_since_s is not None
    call.frames.unanswered_since_s = None
    call.send(late_s=0.8)
    assert call.frames.unanswered_since_s is None
    call.frames.cancel()
    call.engine.close()


async def test_a_frame_that_was_replaced_is_still_unanswered() -> None:
    """The person has waited since the first of them."""
    call = Call()
    call.send()
    since_s = call.frames.unanswered_since_s
    call.send()
    answer = await call.said()
    assert isinstance(answer, Shed)
    assert answer.reason is ShedReason.SUPERSEDED
    assert call.frames.unanswered_since_s == since_s
    call.frames.cancel()
    assert call.frames.unanswered_since_s is None
    call.engine.close()


@pytest.mark.parametrize(
    ("terms", "most", "reason"),
    [
        pytest.param(LEVELS[0], 140, ShedReason.REFUSED_RATE, id="any stream"),
        pytest.param(
            Terms(0, 1000, most_fps_milli=1000), 5, ShedReason.REFUSED_QUOTA, id="small quota"
        ),
    ],
)
async def test_who_sends_faster_than_anyone_needs_is_refused_the_rest(
    terms: Terms, most: int, reason: ShedReason
) -> None:
    """A second of 500 frames; those that are let through replace each other."""
    call = Call()
    call.frames.terms = terms
    began_s = time.monotonic()
    for _ in range(500):
        call.send()
    most += round(SLACK * terms.most_fps_milli / 1000 * (time.monotonic() - began_s))
    refused = call.frames._tally.frames_shed
    assert 500 - most <= refused[reason] < 500
    assert refused[reason] + refused[ShedReason.SUPERSEDED] == 499
    call.frames.cancel()
    call.engine.close()


@pytest.mark.parametrize(
    ("camera", "seen", "faces"),
    [
        (Camera.WEBCAM, None, 1),
        (Camera.WEBCAM, 5, 1),
        (Camera.ROOM, None, ROOM_FACES),
        (Camera.ROOM, 0, 1),
        (Camera.ROOM, 20, 20),
        (Camera.ROOM, MAX_ROOM_FACES + 8, MAX_ROOM_FACES),
    ],
)
def test_a_room_costs_as_many_faces_as_it_showed_last(
    camera: Camera, seen: int | None, faces: int
) -> None:
    """In the plan, at admission, and in the share of its tenant; a search is never free."""
    assert expected_faces(camera, seen) == faces


async def test_the_next_frame_of_a_room_waits_at_the_cost_of_the_last_one() -> None:
    """A frame that cannot be read tells nothing new."""
    call = Call(camera=pb.CAMERA_ROOM)
    for result, cost in (
        (a_room_of(20), 20),
        (Unreadable(Unreadability.NOT_AN_IMAGE, "no picture in it"), 20),
        (a_room_of(2), 2),
    ):
        call.send()
        held = next(iter(call.frames._held))
        call.frames.answer(held, result, started_s=time.monotonic())
        assert held.waiting().cost == call.frames.cost == cost
    call.frames.cancel()
    call.engine.close()

"""What does one stream ask of its frames, and what is said about them?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from rapt.v1 import perception_pb2 as pb

from inference.attention.expression import USABLE_FRAMES, ExpressionKind
from inference.attention.state import State
from inference.messages import Opening
from inference.models.folder import ModelFolder
from inference.perception.look import Look, Seen, Unreadable
from inference.perception.observation import Movements, Observation, RoomFace
from inference.perception.pipeline import Pipeline
from inference.scheduling.ladder import LEVELS, levels_of
from inference.scheduling.stages import Ran
from inference.sessions.session import LiveSession
from inference.streams.watching import Watching, judge_together
from inference.wire.requests import read_request
from tests.inference.calling import a_frame, an_open
from tests.inference.fakes import OBSERVATION, FakePipeline, running_house

NOW_US = 1_800_000_000_000_000
REST, SMILE = Movements(0.1, 0.1, 0.3), Movements(0.9, 0.1, 0.4)
FULL, STRAINED = LEVELS[0], LEVELS[4]


def watching(**changes: object) -> Watching:
    """A stream that has just been opened."""
    opening = read_request(pb.ObserveRequest(open=an_open(**changes)))
    assert isinstance(opening, Opening)
    return Watching(LiveSession(opening, model="fake/1", now_s=0.0, now_us=NOW_US))


def smiling(watching: Watching) -> list[ExpressionKind | None]:
    """What is said of a face that is at rest for a while and then smiles for two seconds."""
    said = []
    for second in range(-2 * USABLE_FRAMES, 3):
        for half in (0.0, 0.5):
            movements = None
            if watching.wants(FULL).expression:
                movements = SMILE if second >= 0 else REST
            seen = Observation(1, 0.5, face_box=(0.3, 0.2, 0.7, 0.8), movements=movements)
            _, expression = watching.judge(seen, 1000 + second + half)
            said.append(expression.kind if expression is not None else None)
    return said


def test_streams_are_judged_together_as_they_would_be_alone() -> None:
    """A room among them has no part in it."""
    alone = [watching() for _ in range(3)]
    together = [watching() for _ in range(3)]
    room = watching(camera=pb.CAMERA_ROOM)
    for at_s in range(1000, 1020):
        seen = [
            Observation(1, 0.5, (0.3, 0.2, 0.7, 0.8), 0.9, 0.02 * n) for n in range(at_s % 5, 3)
        ]
        frames = [(stream, one, float(at_s)) for stream, one in zip(together, seen, strict=False)]
        judge_together([*frames, *[(room, one, float(at_s)) for one in seen]])
        for one, other, observed in zip(alone, together, seen, strict=False):
            expected, found = (w.judge(observed, float(at_s))[0] for w in (one, other))
            assert found.state is expected.state
            assert found.probability == pytest.approx(expected.probability, abs=1e-9)


def test_a_lasting_smile_is_said_where_it_may_be() -> None:
    """Once it lasted a second, though only every second frame is read for it."""
    said = smiling(watching(policy="adult/1"))
    assert said[-3:] == [ExpressionKind.SMILE] * 3
    assert set(said[:-5]) == {None}


@pytest.mark.parametrize("policy", ["eu/1", "us-k12/2", "unheard-of/1"])
def test_it_is_neither_wanted_nor_said_elsewhere(policy: str) -> None:
    """No frame asks for it; and were it there, it would not be said."""
    stream = watching(policy=policy)
    assert not any(stream.wants(FULL).expression for _ in range(10))
    for second in range(100):
        seen = Observation(1, 0.5, face_box=(0.3, 0.2, 0.7, 0.8), movements=SMILE)
        assert stream.judge(seen, 1000.0 + second)[1] is None


def test_every_second_frame_asks_until_the_worker_strains() -> None:
    """And none on the level without expressions; the ladder's other terms are handed on."""
    stream = watching()
    assert [stream.wants(FULL).expression for _ in range(4)] == [False, True, False, True]
    strained = [stream.wants(STRAINED) for _ in range(4)]
    assert not any(wants.expression for wants in strained)
    assert strained[0].redetect_s == STRAINED.redetect_s
    assert strained[0].is_small


class Real(FakePipeline):
    """The real pipeline in the place of the one that only seems to be."""

    def __init__(self, models: Path) -> None:
        super().__init__()
        self.real = Pipeline.load(ModelFolder(models), provider="cpu")

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Look."""
        return self.real.run(self.real.prepare(prepared))


def test_measurements_are_used_again_only_where_the_worker_was_told_to() -> None:
    """Never those of a room: one face that keeps still says nothing of the others."""
    for has_reuse in (False, True):
        terms = levels_of(has_reuse=has_reuse)[0]
        assert watching().wants(terms).reuse is has_reuse
        assert not watching(camera=pb.CAMERA_ROOM).wants(terms).reuse


@pytest.mark.parametrize("has_reuse", [False, True])
async def test_a_worker_uses_measurements_again_and_counts_it(
    models: Path, portrait: bytes, *, has_reuse: bool
) -> None:
    """The same picture three times, through the real pipeline."""
    usual = levels_of(has_reuse=has_reuse)
    levels = [replace(terms, redetect_s=600.0) for terms in usual]  # a search measures anew
    async with running_house(Real(models), levels=levels) as house:
        call = house.call()
        await call.opened()
        verdicts = []
        for sequence in (1, 2, 3):
            await call.send(frame=a_frame(sequence, portrait))
            verdicts.append((await call.until("verdict")).verdict)
    assert [said.observation.reused for said in verdicts] == [False, has_reuse, has_reuse]
    assert len({said.observation.head_yaw_rad for said in verdicts}) == 1 or not has_reuse
    counted = house.metrics.registry.get_sample_value("rapt_frames_reused_total")
    assert counted == (2 if has_reuse else 0)


def test_a_smile_does_not_touch_attention() -> None:
    """The same frames with and without movements are judged the same."""
    plain, moved = watching(), watching()
    for second in range(60):
        box = (0.3, 0.2, 0.7, 0.8)
        seen = Observation(1, 0.5, face_box=box, head_yaw_rad=0.0, head_pitch_rad=-0.1)
        smile = Observation(
            1, 0.5, face_box=box, head_yaw_rad=0.0, head_pitch_rad=-0.1, movements=SMILE
        )
        assert plain.judge(seen, 1000.0 + second)[0] == moved.judge(smile, 1000.0 + second)[0]


def test_a_room_is_counted_and_never_judged() -> None:
    """Its frames ask for everyone, and nothing of it is attention or expression."""
    stream = watching(camera=pb.CAMERA_ROOM)
    wants = [stream.wants(terms) for terms in (FULL, FULL, STRAINED)]
    assert all(each.room and not each.expression and not each.is_small for each in wants)
    assert [each.redetect_s for each in wants] == [0.5, 0.5, 1.0]
    assert stream.width_px(STRAINED) == 640
    people = tuple(RoomFace(n, (0.1, 0.1, 0.2, 0.3), 0.9, 25.0, head_yaw_rad=0.3) for n in (1, 2))
    seen = Observation(2, 0.5, face_box=(0.1, 0.1, 0.2, 0.3), room=people)
    judgement, expression = stream.judge(seen, 1000.0)
    assert (judgement.state, judgement.attention, expression) == (State.UNKNOWN, None, None)
    assert judgement.reasons[0].value == 2


class Rooms(FakePipeline):
    """Sees two people before room cameras, one before others."""

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Answer by what each look wants."""
        people = (
            RoomFace(101, (0.1, 0.1, 0.2, 0.3), 0.9, 25.0, 0.3, -0.1, 0.0),
            RoomFace(102, (0.6, 0.1, 0.7, 0.3), 0.8, 15.0),
        )
        room = Observation(2, 0.5, face_box=people[0].face_box, room=people)
        results: list[Seen | Unreadable] = [
            Seen(room if look.wants.room else OBSERVATION, None) for look in prepared
        ]
        return Ran(results, ())


async def test_a_room_travels_the_wire() -> None:
    """An opening that says "room" gets verdicts with everyone in them; another does not."""
    async with running_house(Rooms()) as house:
        room, webcam = house.call(), house.call()
        await room.opened(camera=pb.CAMERA_ROOM, session_id=21, user_key=22)
        await webcam.opened()
        for call in (room, webcam):
            await call.send(frame=a_frame(1))
        verdict = (await room.until("verdict")).verdict
        assert (verdict.state, verdict.HasField("attention")) == (pb.STATE_UNKNOWN, False)
        assert [reason.code for reason in verdict.reasons] == [pb.REASON_CODE_PEOPLE_IN_ROOM]
        assert verdict.control.width == 640
        near, far = verdict.observation.room
        assert (near.track, far.track) == (101, 102)
        assert near.head_yaw_rad == pytest.approx(0.3)
        assert not far.HasField("head_yaw_rad")
        assert list(far.face_box) == pytest.approx([0.6, 0.1, 0.7, 0.3])
        other = (await webcam.until("verdict")).verdict
        assert not other.observation.room


async def test_an_unknown_camera_is_refused() -> None:
    """A number that the contract does not have opens nothing."""
    async with running_house() as house:
        call = house.call()
        await call.send(open=an_open(camera=9))
        code, details = await call.status()
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert "camera" in details

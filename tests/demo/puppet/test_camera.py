"""Frames of a class: different people, each mood plain to see."""

from collections import Counter

from rapt.v1 import perception_pb2 as perception

from demo.puppet.camera import Camera
from demo.puppet.poses import HEIGHT, WIDTH, Drawn
from demo.script import Mood, make_script
from demo.truth import expected_mood
from inference.attention.judge import Memory, judge
from inference.perception.pipeline import Look, Pipeline, Seen, Track
from tests.demo.puppet.looking import seen_in

MAX_FRAME_BYTES = 16_000
"""A webcam's frame of this size and quality has about 11 kB."""


def test_an_empty_chair_shows_no_face(pipeline: Pipeline, drawn: list[Drawn]) -> None:
    """Absent means that nothing is found."""
    camera = Camera(drawn, index=0)
    assert seen_in(pipeline, camera.picture(Mood.ABSENT, 1.0)).faces == 0


def test_every_other_mood_shows_one_face(pipeline: Pipeline, drawn: list[Drawn]) -> None:
    """Whatever the person, the size and the light."""
    for index in range(6):
        camera = Camera(drawn, index=index)
        for mood in set(Mood) - {Mood.ABSENT}:
            assert seen_in(pipeline, camera.picture(mood, 3.0 * index)).faces == 1


def test_frames_have_the_size_of_a_browsers(drawn: list[Drawn]) -> None:
    """320x240, a JPEG of a few kilobytes."""
    camera = Camera(drawn, index=3)
    assert camera.picture(Mood.FOCUSED, 0.0).shape == (HEIGHT, WIDTH, 3)
    frame = camera.frame(Mood.FOCUSED, 0.0)
    assert frame.startswith(b"\xff\xd8")
    assert len(frame) < MAX_FRAME_BYTES


def test_students_differ_and_frames_differ(drawn: list[Drawn]) -> None:
    """No two frames of a class are the same bytes."""
    frames = [
        Camera(drawn, index=index).frame(Mood.FOCUSED, at_s)
        for index in range(6)
        for at_s in (0.0, 0.5)
    ]
    assert len(set(frames)) == len(frames)


def test_the_judge_agrees_with_the_script(pipeline: Pipeline, drawn: list[Drawn]) -> None:
    """Frames of scripted students at two a second are judged as they are meant."""
    confusion: Counter[bool] = Counter()
    for part in make_script(students=3, seconds=40):
        camera, memory = Camera(drawn, index=part.index), Memory.new()
        track: Track | None = None
        for scene in part.scenes:
            for due_ms in range(scene.from_ms, scene.to_ms, 500):
                [seen] = pipeline.observe([Look(camera.frame(scene.mood, due_ms / 1000), track)])
                assert isinstance(seen, Seen)
                track = seen.track
                memory, judgement = judge(memory, seen.observation, due_ms / 1000)
                mood = expected_mood(part, due_ms, due_ms + 1)
                if mood is not None:
                    meant = perception.State.Value(f"STATE_{mood.name}")
                    confusion[int(judgement.state) == meant] += 1
    assert confusion[True] > 0.9 * confusion.total()

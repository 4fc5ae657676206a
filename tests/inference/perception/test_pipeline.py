"""From a batch of frames to what is seen in each."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder
from inference.perception.observation import Observation
from inference.perception.pipeline import Look, Pipeline, Seen, Unreadability, Unreadable
from tests.inference.perception.puppet import U8, Puppet, to_jpeg

Looker = Callable[[U8], Seen]
ANGLES = ("head_yaw_rad", "head_pitch_rad", "head_roll_rad", "gaze_yaw_rad", "gaze_pitch_rad")
NAMES = ["astronaut", "grace_hopper"]


def degrees(observation: Observation) -> dict[str, float]:
    """All angles, which must be there."""
    found = {}
    for name in ANGLES:
        value = getattr(observation, name)
        assert value is not None
        found[name] = math.degrees(value)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_turned_heads_are_measured_on_their_own_axis(
    name: str, puppets: dict[str, Puppet], look: Looker
) -> None:
    """Slopes of measured on true angle, gain included; no face is lost on the way."""
    puppet = puppets[name]
    for axis, turns, low, high in (
        ("yaw", (-40, -20, 20, 40), 0.6 * 1.25, 1.15),
        ("pitch", (-30, -15, 15, 30), 0.9, 1.15),
        ("roll", (-40, -20, 20, 40), 0.95, 1.05),
    ):
        views = [puppet.turned(axis, turn) for turn in turns]
        measured = [degrees(look(view).observation)[f"head_{axis}_rad"] for view in views]
        slope = np.polyfit(turns, measured, 1)[0]
        assert low <= slope <= high, (axis, measured)
        assert (np.diff(measured) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_mirroring_flips_yaw_roll_and_gaze(
    name: str, puppets: dict[str, Puppet], look: Looker
) -> None:
    """The same head in the mirror turns, leans and looks the other way, and nods the same."""
    view = puppets[name].view(yaw_deg=25, roll_deg=15, pitch_deg=5)
    mirrored = np.ascontiguousarray(view[:, ::-1])
    here, there = degrees(look(view).observation), degrees(look(mirrored).observation)
    assert here["head_yaw_rad"] > 15
    assert here["head_roll_rad"] > 10
    assert here["gaze_yaw_rad"] > 8
    for angle in ("head_yaw_rad", "head_roll_rad"):
        assert there[angle] == pytest.approx(-here[angle], abs=4)
    assert there["gaze_yaw_rad"] == pytest.approx(-here["gaze_yaw_rad"], abs=8)
    assert there["head_pitch_rad"] == pytest.approx(here["head_pitch_rad"], abs=4)


@pytest.mark.parametrize("name", NAMES)
def test_gaze_follows_a_turned_head(name: str, puppets: dict[str, Puppet], look: Looker) -> None:
    """Eyes that stand still in a head look where it points."""
    for axis in ("yaw", "pitch"):
        low = degrees(look(puppets[name].turned(axis, -20)).observation)
        high = degrees(look(puppets[name].turned(axis, 20)).observation)
        assert high[f"gaze_{axis}_rad"] - low[f"gaze_{axis}_rad"] > 20


@pytest.mark.parametrize("name", NAMES)
def test_closed_lids_lower_the_ratio(name: str, puppets: dict[str, Puppet], look: Looker) -> None:
    """Lids painted with skin read below any open eye."""
    opened = look(puppets[name].view()).observation.eye_aspect_ratio
    closed = look(puppets[name].view(shut=True)).observation.eye_aspect_ratio
    assert opened is not None
    assert closed is not None
    assert opened > 0.2
    assert closed < 0.45 * opened


@pytest.mark.parametrize("name", ["chelsea", "coffee", "brick"])
def test_negative_controls_show_nobody(name: str, folder: ModelFolder, look: Looker) -> None:
    """A cat, a cup and a wall have no face."""
    control: dict[str, U8] = {
        picture: np.asarray(
            cv2.imread(str(folder.portrait(picture)), cv2.IMREAD_COLOR_RGB), np.uint8
        )
        for picture in ("chelsea", "coffee", "brick")
    }
    seen = look(control[name])
    assert seen.observation.faces == 0
    assert not seen.observation.has_face
    assert seen.track is None
    assert 0 < seen.observation.brightness < 1
    assert all(getattr(seen.observation, angle) is None for angle in ANGLES)


def test_bad_frames_leave_their_neighbours_alone(
    pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """Every look has its answer, in order, and a face beside rubbish is measured as if alone."""
    face = to_jpeg(portraits["grace_hopper"])
    looks = [b"", face, b"rubbish", face[: len(face) // 2], face, bytes(600_000)]
    answers = pipeline.observe([Look(image) for image in looks])
    reasons = [a.reason if isinstance(a, Unreadable) else None for a in answers]
    assert reasons == [
        Unreadability.EMPTY,
        None,
        Unreadability.NOT_AN_IMAGE,
        Unreadability.TRUNCATED,
        None,
        Unreadability.TOO_MANY_BYTES,
    ]
    [alone] = pipeline.observe([Look(face)])
    assert isinstance(alone, Seen)
    for answer in (answers[1], answers[4]):
        assert isinstance(answer, Seen)
        here, there = degrees(answer.observation), degrees(alone.observation)
        assert list(here.values()) == pytest.approx(list(there.values()), abs=0.01)


def test_nothing_to_look_at_is_no_work(pipeline: Pipeline) -> None:
    """No looks, no answers."""
    assert pipeline.observe([]) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (17, 5), (2000, 40)])
def test_odd_shapes_are_answered(pipeline: Pipeline, shape: tuple[int, int]) -> None:
    """A picture of any shape is a picture."""
    [answer] = pipeline.observe([Look(to_jpeg(np.full((*shape, 3), 90, np.uint8)))])
    assert isinstance(answer, Seen)


def test_small_faces_say_less(pipeline: Pipeline, portraits: dict[str, U8]) -> None:
    """As a face shrinks, first its gaze, then its eyes are left out."""
    portrait = portraits["grace_hopper"]
    parts = []
    for width in (512, 160, 110):
        small = np.asarray(cv2.resize(portrait, (width, width * 600 // 512)), np.uint8)
        frame = np.full((240, 320, 3), 128, np.uint8)
        if width == 512:
            frame = portrait
        else:
            frame[: small.shape[0], :width] = small[:240]
        [seen] = pipeline.observe([Look(to_jpeg(frame))])
        assert isinstance(seen, Seen)
        assert seen.observation.has_face
        parts.append(
            (
                seen.observation.gaze_yaw_rad is not None,
                seen.observation.eye_aspect_ratio is not None,
                seen.observation.head_yaw_rad is not None,
            )
        )
    assert parts == [(True, True, True), (False, True, True), (False, False, True)]


def test_large_frames_are_measured_in_their_own_pixels(
    pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """A frame that is decoded at a half keeps its sizes and angles."""
    portrait = portraits["grace_hopper"]
    large = np.asarray(cv2.resize(portrait, (1536, 1800)), np.uint8)
    answers = pipeline.observe([Look(to_jpeg(portrait)), Look(to_jpeg(large))])
    near = []
    for answer in answers:
        assert isinstance(answer, Seen)
        near.append(answer.observation)
    assert near[0].eye_distance_px is not None
    assert near[1].eye_distance_px == pytest.approx(3 * near[0].eye_distance_px, rel=0.03)
    assert near[1].face_box == pytest.approx(near[0].face_box, abs=0.02)
    one, other = degrees(near[0]), degrees(near[1])
    assert list(one.values()) == pytest.approx(list(other.values()), abs=4)


def test_followed_stream_agrees_with_fresh_looks(
    pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """A head that turns by 5 degrees a frame is followed as well as if it were found anew."""
    track = None
    for turn in range(-30, 31, 5):
        image = to_jpeg(puppets["astronaut"].view(yaw_deg=turn))
        followed, fresh = pipeline.observe([Look(image, track), Look(image)])
        assert isinstance(followed, Seen)
        assert isinstance(fresh, Seen)
        track = followed.track
        here, there = degrees(followed.observation), degrees(fresh.observation)
        assert here["head_yaw_rad"] == pytest.approx(there["head_yaw_rad"], abs=4)


def test_no_pixels_leave(pipeline: Pipeline, portraits: dict[str, U8]) -> None:
    """Answers are numbers and words; not even a representation of a look shows its picture."""
    image = to_jpeg(portraits["astronaut"])
    looks = [Look(image), Look(image[:5000]), Look(b"secret-bytes")]
    answers = pipeline.observe(looks)
    text = repr(answers) + repr(looks) + repr(pipeline)
    assert "array" not in text
    assert "\\x" not in text
    assert "secret" not in text
    assert len(text) < 3000


def test_pool_of_threads_gives_the_same(folder: ModelFolder, portraits: dict[str, U8]) -> None:
    """Two threads change the speed and nothing else."""
    pipeline = Pipeline.load(folder, provider="cpu", threads=2)
    try:
        looks = [Look(to_jpeg(portrait)) for portrait in portraits.values()]
        one, other = pipeline.observe(looks), pipeline.observe(looks)
    finally:
        pipeline.close()
    for first, second in zip(one, other, strict=True):
        assert isinstance(first, Seen)
        assert isinstance(second, Seen)
        assert degrees(first.observation) == pytest.approx(degrees(second.observation), abs=1e-3)


def test_broken_cuda_falls_back_only_when_nobody_asked_for_it(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver without its libraries must not stop `auto`, and must stop `cuda`."""
    monkeypatch.setattr("inference.perception.pipeline.choose_provider", lambda _: "Broken")
    assert Pipeline.load(folder, provider="auto").provider == "CPUExecutionProvider"
    with pytest.raises(Misconfigured, match="Broken"):
        Pipeline.load(folder, provider="cuda")


def test_missing_models_name_the_command(tmp_path: object) -> None:
    """An empty folder stops the start with the way out."""
    with pytest.raises(Misconfigured, match="models build"):
        Pipeline.load(ModelFolder(tmp_path))  # type: ignore[arg-type]  # pytest's own path


def test_a_batch_is_prepared_beside_the_run_before_it(
    folder: ModelFolder, puppets: dict[str, Puppet]
) -> None:
    """Two threads, one that only prepares and one that only runs, change no answer."""
    pipeline = Pipeline.load(folder, provider="cpu", threads=2)
    views = [puppets[name].view(yaw_deg=turn) for name in NAMES for turn in (-20, 0, 20)]
    batches = [[Look(to_jpeg(view)) for view in (one, *views)] for one in views]
    expected = [pipeline.observe(looks) for looks in batches]
    try:
        with ThreadPoolExecutor(1) as staging:
            prepared = list(staging.map(pipeline.prepare, batches))
            waiting = [staging.submit(pipeline.prepare, looks) for looks in batches]
            answers = [pipeline.run(each).results for each in prepared]
            answers += [pipeline.run(each.result()).results for each in waiting]
    finally:
        pipeline.close()
    for one, other in zip(answers, expected * 2, strict=True):
        for seen, wanted in zip(one, other, strict=True):
            assert isinstance(seen, Seen)
            assert isinstance(wanted, Seen)
            assert degrees(seen.observation) == pytest.approx(degrees(wanted.observation), abs=1e-3)


def test_a_run_says_which_networks_ran_for_it(pipeline: Pipeline, portraits: dict[str, U8]) -> None:
    """Decoding, a search for each new stream, and two looks of the mesh; nothing of other runs."""
    image = to_jpeg(portraits["grace_hopper"])
    for _ in range(2):
        ran = pipeline.run(pipeline.prepare([Look(image), Look(image), Look(b"broken")]))
        items = [(run.stage, run.items) for run in ran.stages][:4]
        assert items == [
            ("decode", 3),
            ("face_detector", 2),
            ("attention_mesh", 2),
            ("attention_mesh", 2),
        ]
        assert all(run.bucket >= run.items for run in ran.stages)

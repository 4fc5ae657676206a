"""The same pictures before Rapt and before MediaPipe's face mesh."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.landmarks.ours import Streams, find, track_of
from benchmarks.landmarks.plot import draw_parity, draw_throughput
from benchmarks.landmarks.scenes import company, stills, turning, without_faces
from benchmarks.parity import Pair, figures_of, nearest, verdict
from benchmarks.throughput import Raced, over_all, table_of
from benchmarks.throughput import figures_of as throughput_figures
from demo.puppet.landmarks import load_portraits
from inference.models.folder import ModelFolder
from inference.perception import points
from inference.perception.pipeline import Pipeline

F32 = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@pytest.fixture(scope="module")
def folder(models: Path) -> ModelFolder:
    """The built models."""
    return ModelFolder(models)


@pytest.fixture(scope="module")
def pipeline(folder: ModelFolder) -> Pipeline:
    """On the CPU."""
    return Pipeline.load(folder, provider="cpu")


def faces(count: int) -> F32:
    """(N, 478, 3) points whose outer eye corners are 100 pixels apart."""
    marks = np.random.default_rng(1).uniform(0, 200, (count, 478, 3)).astype(np.float32)
    marks[:, points.RIGHT_OUTER] = (50, 50, 0)
    marks[:, points.LEFT_OUTER] = (150, 50, 0)
    return marks


def test_differences_are_percents_of_the_eye_distance() -> None:
    """One pixel of a hundred, in one landmark of one face."""
    theirs = faces(2)
    ours = theirs.copy()
    ours[1, 7, 0] += 1
    apart = Pair("two", ours, theirs).differences_pct()
    assert apart.shape == (2, 478)
    assert apart.max() == pytest.approx(1, abs=1e-3)
    assert np.count_nonzero(apart > 1e-3) == 1


def test_depth_is_not_compared() -> None:
    """It has no scale of its own."""
    theirs = faces(1)
    ours = theirs.copy()
    ours[:, :, 2] += 50
    assert Pair("one", ours, theirs).differences_pct().max() == 0


def test_a_face_that_one_alone_found_is_missed() -> None:
    """Whichever it is; a picture without a face for both is neither found nor missed."""
    theirs = faces(4)
    ours = theirs.copy()
    ours[0] = np.nan
    theirs[1] = np.nan
    ours[2], theirs[2] = np.nan, np.nan
    row = Pair("four", ours, theirs).compared()
    assert (row.frames, row.faces, row.missed) == (4, 1, 2)


def test_a_further_face_that_one_alone_counted_is_missed() -> None:
    """The student's landmarks may be the same, and the pictures yet not told alike."""
    theirs = faces(1)
    row = Pair("company", theirs.copy(), theirs, uncounted=1).compared()
    assert (row.faces, row.missed) == (1, 1)


def test_nobody_found_by_both_is_no_difference() -> None:
    """A picture without a face is looked at, and there is nothing to compare."""
    nobody = np.full((3, 478, 3), np.nan, np.float32)
    row = Pair("no face", nobody, nobody.copy()).compared()
    assert (row.frames, row.faces, row.missed, row.max_pct) == (3, 0, 0, 0.0)


def test_of_several_faces_the_nearest_is_compared() -> None:
    """Whichever comes first; without any, what is not there."""
    [one, other] = faces(2)
    several = np.stack([other + np.float32(300), one])
    assert (nearest(several, one + np.float32(1)) == one).all()
    nobody = np.full((2, 478, 3), np.nan, np.float32)
    assert np.isnan(nearest(nobody, one)).all()


def test_another_face_is_not_the_same() -> None:
    """Two faces in two places are two misses' worth of one frame."""
    theirs = faces(1)
    pair = Pair("apart", theirs + np.float32(300), theirs)
    assert len(pair.differences_pct()) == 0


def test_figures_hold_all_pairs() -> None:
    """Not the mean of each pair's."""
    theirs = faces(3)
    ours = theirs.copy()
    ours[:, :, 0] += np.array([0, 1, 4], np.float32)[:, None]
    figures = figures_of("landmark", [Pair(str(i), ours[i : i + 1], theirs[:1]) for i in (0,)])
    assert figures["landmark_max_pct"] == 0
    pairs = [Pair(str(i), ours[i : i + 1], theirs[i : i + 1]) for i in range(3)]
    figures = figures_of("landmark", pairs)
    assert figures["landmark_median_pct"] == pytest.approx(1, abs=1e-3)
    assert figures["landmark_max_pct"] == pytest.approx(4, abs=1e-3)


def test_the_verdict_can_be_no() -> None:
    """A landmark out of bounds or a missed face each suffice."""
    assert "NOT" not in verdict(0.2, 0)
    assert "NOT" in verdict(0.201, 0)
    assert "NOT" in verdict(0.1, 1)


def test_a_track_goes_on_from_other_peoples_landmarks(
    pipeline: Pipeline, folder: ModelFolder
) -> None:
    """From its own landmarks it is the track that the pipeline itself keeps; nobody is none."""
    [*frames] = turning(load_portraits(folder)[0], 320, 2, period=64).frames
    found = find(pipeline, frames[0], None)
    assert found.passes == 2
    track = track_of(found.landmarks, 320)
    assert track is not None
    assert found.track is not None
    ours, own = track.student.region(320), found.track.student.region(320)
    assert ours == pytest.approx(own, abs=1e-2)
    assert find(pipeline, frames[1], track).passes == 1
    assert track_of(np.full((478, 3), np.nan, np.float32), 320) is None


def test_every_still_shows_a_face(pipeline: Pipeline, folder: ModelFolder) -> None:
    """Within 40 degrees of yaw and 30 of pitch, from a fifth of the picture on."""
    for scene in islice(stills(folder), 2):
        lost = [i for i, f in enumerate(scene.frames) if find(pipeline, f, None).track is None]
        assert lost == [], scene.name


def test_the_scenes_without_a_face_and_with_two_hold_as_many(
    pipeline: Pipeline, folder: ModelFolder
) -> None:
    """What both are shown holds what its name says."""
    empty = [find(pipeline, frame, None).faces for frame in without_faces(folder).frames]
    assert empty == [0] * 15
    assert [find(pipeline, frame, None).faces for frame in company(folder).frames] == [2] * 10


def test_streams_find_every_face_forth_and_back(pipeline: Pipeline, folder: ModelFolder) -> None:
    """Each frame counts twice; both ways of looking find all of them."""
    frames = turning(load_portraits(folder)[1], 320, 8, period=64).frames
    streams = Streams(pipeline, frames, 4)
    assert streams.find() == 16
    assert streams.observe() == 16


def test_throughput_is_recorded_under_its_names() -> None:
    """Whoever reads the lines finds them by name: the ratio is a geometric mean over scenes."""
    sitting = [Raced("a", 4.0, 2.0, 2.5, 2.0, 1.6), Raced("b", 4.0, 2.0, 2.5, 0.5, 0.4)]
    figures = throughput_figures(over_all([sitting]))
    assert figures["cpu_ratio_to_mediapipe"] == 1.0
    assert figures["cpu_ratio_worst"] == 0.5
    assert figures["frames_per_s_core"] == 500.0
    assert {"cpu_ratio_measured", "frames_per_s_core_measured", "scenes"} < set(figures)


def test_no_sitting_is_left_out() -> None:
    """Each counts as much as the others, the worst among them, too."""
    sittings = [[Raced("a", 4.0, 2.0, 2.5, ratio, 1.0)] for ratio in (4.0, 1.0, 0.25)]
    [row] = over_all(sittings)
    assert (row.ratio, row.ratios) == (1.0, (4.0, 1.0, 0.25))
    assert throughput_figures([row])["cpu_ratio_worst"] == 0.25


def test_a_race_can_be_lost() -> None:
    """The table shows whatever came out."""
    row = Raced("scene", 1.0, 2.0, 2.5, 0.5, 0.4)
    assert table_of([row]).row_count == 1


def test_both_pictures_are_drawn(tmp_path: Path) -> None:
    """From the figures alone, as PNG and SVG."""
    theirs = faces(2)
    apart = Pair("one", theirs + np.float32(0.01), theirs).differences_pct().ravel()
    draw_parity({"Rapt": apart, "MediaPipe": apart}, limit_pct=0.2, folder=tmp_path)
    draw_throughput({"scene": (3.0, 2.0, 2.1), "other": (4.0, 2.5, 2.6)}, folder=tmp_path)
    for name in ("parity", "throughput"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / f"{name}.svg").read_text()

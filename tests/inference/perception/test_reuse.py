"""Is a frame so like the last measured one that its measurements may be used again?"""

import cv2
import numpy as np
import pytest

from inference.perception.decode import Picture
from inference.perception.look import Look, Seen, Track, Wants
from inference.perception.pipeline import Pipeline
from inference.perception.reuse import is_alike, thumb_of
from tests.inference.perception.puppet import U8, Puppet, to_jpeg

REUSE = Wants(reuse=True)


def small(view: U8) -> U8:
    """A puppet as a browser sends it."""
    return np.asarray(cv2.resize(view, (320, 320 * view.shape[0] // view.shape[1])), np.uint8)


def look_on(
    pipeline: Pipeline, view: U8, track: Track | None, *, at_s: float, wants: Wants = REUSE
) -> Seen:
    """Look at the next frame of a stream."""
    [seen] = pipeline.observe([Look(to_jpeg(view), track, wants, at_s)])
    assert isinstance(seen, Seen)
    return seen


@pytest.fixture(scope="module")
def view(puppets: dict[str, Puppet]) -> U8:
    """Someone who looks into the lens."""
    return small(puppets["astronaut"].view())


def test_the_same_picture_is_not_measured_again(pipeline: Pipeline, view: U8) -> None:
    """It says so, and nothing ran for it."""
    first = look_on(pipeline, view, None, at_s=0.0)
    assert not first.observation.reused
    prepared = pipeline.prepare([Look(to_jpeg(view), first.track, REUSE, at_s=0.5)])
    ran = pipeline.run(prepared)
    [second] = ran.results
    assert isinstance(second, Seen)
    assert second.observation.reused
    assert second.observation.head_yaw_rad == first.observation.head_yaw_rad
    assert {run.stage for run in ran.stages} == {"decode"}


def test_nothing_is_used_again_that_did_not_ask_for_it(pipeline: Pipeline, view: U8) -> None:
    """Off is the default, and then no thumb is kept either."""
    first = look_on(pipeline, view, None, at_s=0.0, wants=Wants())
    assert first.track is not None
    assert first.track.measured is None
    assert not look_on(pipeline, view, first.track, at_s=0.5, wants=Wants()).observation.reused


def test_closed_lids_and_a_turned_head_are_measured(
    pipeline: Pipeline, puppets: dict[str, Puppet], view: U8
) -> None:
    """What matters most is seen: lids are a few pixels."""
    track = look_on(pipeline, view, None, at_s=0.0).track
    for changed in (puppets["astronaut"].view(shut=True), puppets["astronaut"].view(yaw_deg=4)):
        seen = look_on(pipeline, small(changed), track, at_s=0.5)
        assert not seen.observation.reused


def test_a_search_that_is_due_is_made(pipeline: Pipeline, view: U8) -> None:
    """Someone else may have come; a still picture is no excuse."""
    track = look_on(pipeline, view, None, at_s=0.0).track
    assert look_on(pipeline, view, track, at_s=1.9).observation.reused
    assert not look_on(pipeline, view, track, at_s=2.0).observation.reused


def test_small_changes_do_not_add_up(pipeline: Pipeline, view: U8) -> None:
    """Each frame is compared with the last one that was measured."""
    track = look_on(pipeline, view, None, at_s=0.0).track
    reused = []
    for step in range(1, 9):
        darker = np.asarray(np.maximum(view.astype(int) - 2 * step, 0), np.uint8)
        seen = look_on(pipeline, darker, track, at_s=0.1 * step)
        reused.append(seen.observation.reused)
        track = seen.track
    assert reused[0]
    assert not all(reused)


def test_thumbs_show_in_no_representation(pipeline: Pipeline, view: U8) -> None:
    """A track is logged like any other."""
    seen = look_on(pipeline, view, None, at_s=0.0)
    assert "array" not in repr(seen)


def test_noise_of_a_sensor_is_alike(view: U8) -> None:
    """And a stripe of another brightness is not."""
    rng = np.random.default_rng(1)
    noisy = np.clip(view + rng.normal(0, 3, view.shape), 0, 255).astype(np.uint8)
    height, width = view.shape[:2]
    region = np.array([width / 2, height / 2, height / 2, 0.1], np.float32)
    striped = view.copy()
    striped[height // 2 : height // 2 + 12] //= 2
    thumbs = [thumb_of(Picture.of(each), region) for each in (view, noisy, striped)]
    assert is_alike(thumbs[0], thumbs[1])
    assert not is_alike(thumbs[0], thumbs[2])

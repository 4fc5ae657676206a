"""The crops of all frames of a batch share their networks' runs, each in its own buckets."""

from collections import Counter

import pytest

from inference.perception.look import Look, Seen, Unreadable
from inference.perception.pipeline import Pipeline
from inference.scheduling.stages import StageRun
from tests.inference.perception.puppet import U8, to_jpeg

STREAMS = 11


def test_crops_of_all_frames_share_runs_and_what_overflows_runs_next(
    pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """Eleven followed faces of eleven streams: a full run of the mesh, then the other three."""
    new = [Look(to_jpeg(portraits["astronaut"])) for _ in range(STREAMS)]
    first = pipeline.run(pipeline.prepare(new))
    looks = [
        Look(look.image, seen.track)
        for look, seen in zip(new, first.results, strict=True)
        if isinstance(seen, Seen)
    ]
    ran = pipeline.run(pipeline.prepare(looks))
    meshes = _runs(ran.stages, "attention_mesh")
    assert (meshes[0].bucket, meshes[0].items) == (8, 8)
    assert sum(run.items for run in meshes) == STREAMS
    assert len(meshes) <= 3
    assert all(isinstance(seen, Seen) and seen.track is not None for seen in ran.results)


def test_only_frames_without_a_track_are_searched(
    pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """One new stream among followed ones costs one search, and its face joins the others' run."""
    picture = to_jpeg(portraits["astronaut"])
    [seen] = pipeline.run(pipeline.prepare([Look(picture)])).results
    assert isinstance(seen, Seen)
    looks = [Look(picture, seen.track), Look(picture), Look(picture, seen.track)]
    counts: Counter[str] = Counter()
    for run in pipeline.run(pipeline.prepare(looks)).stages:
        counts[run.stage] += run.items
    assert counts["face_detector"] == 1
    assert counts["attention_mesh"] >= 3


@pytest.mark.parametrize("stage", ["gaze", "open_eyes"])
def test_eyes_of_all_streams_share_runs_and_each_gets_its_own(
    stage: str, full_pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """Every third of eleven streams has another face: full runs, a rest, no answers mixed up."""
    one, other = (to_jpeg(rgb) for rgb in portraits.values())
    looks = [Look(other if number % 3 else one) for number in range(STREAMS)]
    alone = [full_pipeline.run(full_pipeline.prepare([look])) for look in looks]
    ran = full_pipeline.run(full_pipeline.prepare(looks))
    rows = sum(run.items for ran in alone for run in _runs(ran.stages, stage))
    assert rows >= STREAMS
    full, rest = divmod(rows, full_pipeline.buckets[-1])
    items = [run.items for run in _runs(ran.stages, stage)]
    assert items == [full_pipeline.buckets[-1]] * full + [rest] * (rest > 0)
    for seen, single in zip(ran.results, alone, strict=True):
        assert _eyes(seen) == pytest.approx(_eyes(single.results[0]), abs=1e-3)
    assert _eyes(ran.results[0]) != pytest.approx(_eyes(ran.results[1]), abs=1e-2)


def _eyes(seen: Seen | Unreadable) -> tuple[float, ...]:
    """Return where they look, and whether they are closed."""
    assert isinstance(seen, Seen)
    found = seen.observation
    values = found.gaze_yaw_rad, found.gaze_pitch_rad, found.eyes_closed_probability
    assert None not in values
    return tuple(value for value in values if value is not None)


def _runs(stages: tuple[StageRun, ...], name: str) -> list[StageRun]:
    return [run for run in stages if run.stage == name]

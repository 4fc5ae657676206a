"""The crops of all frames of a batch share their networks' runs, each in its own buckets."""

from collections import Counter

from inference.perception.look import Look, Seen
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


def _runs(stages: tuple[StageRun, ...], name: str) -> list[StageRun]:
    return [run for run in stages if run.stage == name]

"""What one device carries."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from benchmarks import gpu
from benchmarks.device.beside import Job, beside
from benchmarks.device.everything import Asked, counts_to, pack
from benchmarks.device.inprocess import Flow
from benchmarks.device.limits import Limit, limit_of
from benchmarks.device.report import NO_GPU, report
from benchmarks.device.served import ServedRow, students_carried
from benchmarks.device.stages import stage_rows
from benchmarks.landmarks.scenes import turning
from demo.puppet.landmarks import load_portraits
from inference.models.folder import GraphName, ModelFolder
from inference.perception.pipeline import Pipeline

LIMIT = Limit("a card", 1e12, 1e11, "made up")


@pytest.fixture(scope="module")
def folder(models: Path) -> ModelFolder:
    """The built models."""
    return ModelFolder(models)


@pytest.fixture(scope="module")
def frames(folder: ModelFolder) -> tuple[bytes, ...]:
    """A head that turns."""
    return turning(load_portraits(folder)[0], 320, 8).frames


def test_known_cards_have_their_vendors_peaks() -> None:
    """By the words of their names: an L40S is no L4."""
    assert limit_of("NVIDIA H200, 143771 MiB, 570.1").bytes_per_s == 4.8e12
    assert limit_of("NVIDIA A100-SXM4-80GB, 81920 MiB, 1").flop_per_s == 19.5e12
    assert limit_of("NVIDIA L40S, 46068 MiB, 1").flop_per_s == 91.6e12


def test_every_network_is_timed_at_every_bucket(folder: ModelFolder) -> None:
    """And its work is a share of the peak, larger with the batch than alone or about the same."""
    rows = stage_rows(folder, "CPUExecutionProvider", LIMIT, runs=2)
    built = [name for name in get_args(GraphName) if folder.has(name)]
    assert {"face_detector", "attention_mesh", "room_detector_full_range"} <= {*built}
    assert [(row.stage, row.bucket) for row in rows] == [
        (stage, bucket) for stage in built for bucket in (1, 2, 4, 8)
    ]
    assert all(
        row.faces_per_s == pytest.approx(1000 * row.bucket / row.ms, rel=0.02) for row in rows
    )
    counted = [row for row in rows if row.stage in built[:2]]
    assert all(row.flop_share is not None and row.flop_share > 0 for row in counted)
    assert not any(row.is_captured for row in rows)


def test_frames_flow_from_bytes_to_verdicts(folder: ModelFolder, frames: tuple[bytes, ...]) -> None:
    """Two halves of the streams take turns; every frame has its face."""
    pipeline = Pipeline.load(folder, provider="cpu", threads=2)
    try:
        row = Flow(pipeline, frames, 4).run(0.5)
    finally:
        pipeline.close()
    assert row.frames_per_s > 0
    assert row.faces_share == 1
    assert row.p50_ms <= row.p95_ms <= row.p99_ms


def served(students: int, *, is_carried: bool) -> ServedRow:
    """One step."""
    return ServedRow(students, 2.0 * students, students, 20.0, 30.0, None, None, is_carried)


def test_the_most_students_that_were_carried_count() -> None:
    """None, where none were."""
    steps = [served(10, is_carried=True), served(20, is_carried=True), served(40, is_carried=False)]
    assert students_carried(steps) == 20
    assert students_carried(steps[2:]) == 0


def test_the_report_says_when_there_was_no_gpu(folder: ModelFolder) -> None:
    """In capitals, so that nobody quotes it."""
    rows = stage_rows(folder, "CPUExecutionProvider", LIMIT, runs=1)[:1]
    steps = [served(10, is_carried=True)]
    assert "NO GPU" in report(LIMIT, rows, ([], []), steps, is_gpu=False)
    said = report(LIMIT, rows, ([], []), steps, is_gpu=True)
    assert "NO GPU" not in said
    assert said.rstrip().endswith("Students at 2 frames a second: 10")


def test_a_bare_machine_gets_models_and_frames(folder: ModelFolder, tmp_path: Path) -> None:
    """As files that the same command reads there."""
    asked = Asked(folder.path, None, "cpu", 1, 1, 1.0, 1, tmp_path / "results", None)
    pack(asked, tmp_path / "bag")
    assert len(list((tmp_path / "bag/frames").glob("*.jpg"))) >= 16
    packed = ModelFolder(tmp_path / "bag/models")
    assert packed.graph("attention_mesh").stat().st_size > 4_000_000


def test_processes_share_a_device(folder: ModelFolder, frames: tuple[bytes, ...]) -> None:
    """Each looks at its own frames; what they do together is added up."""
    job = Job(str(folder.path), "cpu", 1, frames, 2, 0.3)
    row = beside(job, 2)
    assert (row.processes, row.batch) == (2, 2)
    assert row.frames_per_s > 0
    assert row.p99_ms > 0


@pytest.mark.parametrize(("most", "counts"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6])])
def test_processes_are_doubled_up_to_the_most(most: int, counts: list[int]) -> None:
    """So that the table shows where more stop helping."""
    assert counts_to(most) == counts


def test_one_call_measures_everything(
    models: Path, frames: tuple[bytes, ...], tmp_path: Path, repository: Path
) -> None:
    """Networks, one process, several, a worker over gRPC; its line holds every figure."""
    pictures = tmp_path / "frames"
    pictures.mkdir()
    for index, frame in enumerate(frames):
        (pictures / f"{index}.jpg").write_bytes(frame)
    words = ["--models", models, "--frames", pictures, "--provider", "cpu", "--seconds", "0.5"]
    words += ["--runs", "1", "--workers", "1", "--threads", "1", "--within", "0", "--limit", "5"]
    words += ["--results", tmp_path / "results.jsonl", "--json", tmp_path / "line.json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", *map(str, words)],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository / "proto")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(NO_GPU) == 2
    *_, last = done.stdout.splitlines()
    assert last.startswith("Students at 2 frames a second: ")
    assert (tmp_path / "results.jsonl").read_bytes() == (tmp_path / "line.json").read_bytes()
    line = json.loads((tmp_path / "line.json").read_bytes())
    figures = line["figures"]
    assert (line["bench"], figures["provider"]) == ("gpu", "CPUExecutionProvider")
    assert figures["frames_per_s_in_process"] >= figures["frames_per_s_one_process"] > 0
    _check_stages(figures)
    _check_served(figures, last)


def _check_stages(figures: dict[str, Any]) -> None:
    assert {row["bucket"] for row in figures["stages"]} == {1, 2, 4, 8}
    for row in figures["stages"]:
        assert row["ms"] > 0
        assert row["faces_per_s"] > 0
        assert (row["byte_share"] is None) == (row["flop_share"] is None)
    for row in figures["in_process"]:
        assert row["faces_share"] == 1
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
    assert [row["processes"] for row in figures["beside"]] == [1]


def _check_served(figures: dict[str, Any], last: str) -> None:
    [served_once] = figures["grpc"]  # no time was left for a second step
    assert served_once["offered_per_s"] == pytest.approx(2 * served_once["students"], rel=0.5)
    assert figures["frames_per_s_grpc"] == served_once["good_per_s"] > 0
    assert 0 < served_once["age_p50_ms"] <= served_once["age_p95_ms"] <= served_once["age_p99_ms"]
    assert figures["students_at_2_fps"] in (0, served_once["students"])  # as busy as we are
    assert last.endswith(str(figures["students_at_2_fps"]))


def test_what_is_wrong_is_said_in_a_sentence(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a trace of calls: it is the user's to put right."""
    monkeypatch.setattr(sys, "argv", ["gpu", "--models", str(models), "--frames", str(tmp_path)])
    with pytest.raises(SystemExit, match="holds no"):
        gpu.main()

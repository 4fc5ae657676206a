"""All measurements of one device in one go, the table last."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types

from benchmarks.device.beside import BesideRow, Job, beside
from benchmarks.device.inprocess import Flow, FlowRow
from benchmarks.device.limits import Limit, gpu_name, limit_of
from benchmarks.device.served import ServedRow, Workers, served_rows, students_carried
from benchmarks.device.stages import StageRow, stage_rows
from benchmarks.record import record
from inference.models.folder import ModelFolder
from inference.perception.networks import CUDA_PROVIDER, Provider
from inference.perception.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    models: Path
    frames: Path | None
    provider: Provider
    threads: int
    """Hands of one process that has the device for itself."""
    workers: int
    """Processes that share it."""
    seconds: float
    runs: int
    results: Path
    json: Path | None


def measure(asked: Asked) -> None:
    """Measure, record, print."""
    frames = frames_of(asked)
    pipeline = Pipeline.load(ModelFolder(asked.models), asked.provider, asked.threads)
    is_gpu = pipeline.provider == CUDA_PROVIDER
    limit = limit_of(gpu_name() if is_gpu else "")
    stages = stage_rows(ModelFolder(asked.models), pipeline.provider, limit, runs=asked.runs)
    sizes = [size for size in pipeline.buckets if size >= min(4, pipeline.buckets[-1])]
    flows = [Flow(pipeline, frames, size).run(asked.seconds) for size in sizes]
    pipeline.close()
    best = max(flows, key=lambda row: row.frames_per_s)
    say(f"one process {best.frames_per_s:.0f} frames/s; now several beside each other")
    provider: Provider = "cuda" if is_gpu else "cpu"
    each = max(1, asked.threads // asked.workers)
    job = Job(str(asked.models), provider, each, frames, best.batch, asked.seconds)
    shared = [beside(job, count) for count in counts_to(asked.workers)]
    most = max([best.frames_per_s, *(row.frames_per_s for row in shared)])
    say(f"together {most:.0f} frames/s; now over gRPC")
    words = ["--provider", provider, "--threads", str(each)]
    serving = Workers(asked.models, asked.workers, words)
    served = asyncio.run(
        served_rows(serving, frames[0], capacity_per_s=most, seconds=asked.seconds)
    )
    figures: dict[str, object] = {
        "provider": pipeline.provider,
        "device": limit.name,
        "peaks": f"{limit.flop_per_s:.3g} FLOP/s, {limit.bytes_per_s:.3g} bytes/s, {limit.source}",
        "frames_per_s_in_process": most,
        "frames_per_s_one_process": best.frames_per_s,
        "frames_per_s_grpc": max(row.good_per_s for row in served),
        "students_at_2_fps": students_carried(served),
        **tables(stages=stages, in_process=flows, beside=shared, grpc=served),
    }
    keep(asked, figures)
    sys.stdout.write(report(limit, stages, (flows, shared), served, is_gpu=is_gpu))


def tables(**rows: Sequence[msgspec.Struct]) -> dict[str, object]:
    """Every row of every table, for the record."""
    return {name: msgspec.to_builtins(list(table)) for name, table in rows.items()}


def keep(asked: Asked, figures: dict[str, object]) -> None:
    """Append the line, and write it where it was asked for."""
    parameters = {
        "threads": asked.threads,
        "workers": asked.workers,
        "seconds": asked.seconds,
        "onnxruntime": ort.__version__,
    }
    record("gpu", parameters=parameters, figures=figures, path=asked.results, copy=asked.json)


def frames_of(asked: Asked) -> tuple[bytes, ...]:
    """JPEGs of a folder, else of a puppet that is drawn now."""
    if asked.frames is not None:
        return tuple(path.read_bytes() for path in sorted(asked.frames.glob("*.jpg")))
    from benchmarks.landmarks.scenes import turning  # noqa: PLC0415 - needs the portraits
    from demo.puppet.landmarks import load_portraits  # noqa: PLC0415 - the same

    return turning(load_portraits(ModelFolder(asked.models))[1], 320).frames


def pack(asked: Asked, into: Path) -> None:
    """Lay down what a bare machine needs beside the checkout: models, and frames to look at."""
    for name in ("frames", "models"):
        (into / name).mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(frames_of(asked)):
        (into / "frames" / f"{index:03}.jpg").write_bytes(frame)
    for path in asked.models.iterdir():
        if path.is_file():
            (into / "models" / path.name).write_bytes(path.read_bytes())
    say(
        f"{into} holds {sum(p.stat().st_size for p in into.rglob('*') if p.is_file()) / 1e6:.0f} MB"
    )


def report(
    limit: Limit,
    stages: list[StageRow],
    flows: tuple[list[FlowRow], list[BesideRow]],
    served: list[ServedRow],
    *,
    is_gpu: bool,
) -> str:
    """What people read, in plain text: a bare machine has no table printer."""
    lines = ["", f"Device: {limit.name}, {os.cpu_count()} cores"]
    if not is_gpu:
        lines.append("NO GPU ANSWERED: everything ran on the CPU, and says nothing about a GPU.")
    lines += ["", "Networks alone     bucket      ms   faces/s  graph  of FLOP peak  of byte peak"]
    lines += [
        f"{row.stage:18} {row.bucket:6} {row.ms:7.2f} {row.faces_per_s:9.0f}"
        f"  {_yes(row.is_captured):5} {_share(row.flop_share)}  {_share(row.byte_share)}"
        for row in stages
    ]
    lines += ["", "JPEG to verdict, in process: batch  frames/s   p50 ms   p95 ms   p99 ms  faces"]
    lines += [
        f"{'':27} {row.batch:6} {row.frames_per_s:9.0f} {row.p50_ms:8.1f} {row.p95_ms:8.1f}"
        f" {row.p99_ms:8.1f} {row.faces_share:6.0%}"
        for row in flows[0]
    ]
    lines += ["", "The same, several processes: processes  batch  frames/s   p99 ms"]
    lines += [
        f"{'':27} {row.processes:10} {row.batch:6} {row.frames_per_s:9.0f} {row.p99_ms:8.1f}"
        for row in flows[1]
    ]
    lines += ["", "Over gRPC, 2 fps: students  offered/s  in time/s  age p50  p95  p99 ms  carried"]
    lines += [
        f"{'':17} {row.students:8} {row.offered_per_s:10.0f} {row.good_per_s:10.0f}"
        f" {row.age_p50_ms or 0:8.0f} {row.age_p95_ms or 0:4.0f} {row.age_p99_ms or 0:7.0f}"
        f"  {_yes(row.is_carried)}"
        for row in served
    ]
    return "\n".join([*lines, "", f"Students at 2 frames a second: {students_carried(served)}", ""])


def counts_to(most: int) -> list[int]:
    """1, 2, 4, ... and the most."""
    return sorted({*(2**power for power in range(most.bit_length()) if 2**power < most), most})


def say(words: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(words + "\n")


def _yes(claim: bool) -> str:  # noqa: FBT001 - the claim is all there is
    return "yes" if claim else "no"


def _share(share: float | None) -> str:
    return "           –" if share is None else f"{share:12.2%}"

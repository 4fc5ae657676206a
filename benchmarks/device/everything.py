"""All measurements of one device in one go, the table last.

What has been measured is said at once, too: a machine that is lent may be gone before the end.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
from rapt.errors import Misconfigured

from benchmarks.device.beside import Job, beside
from benchmarks.device.inprocess import Flow
from benchmarks.device.limits import gpu_name, limit_of
from benchmarks.device.packing import Wanted, wheels_into
from benchmarks.device.report import of_beside, of_flows, of_stages, report
from benchmarks.device.served import Load, Workers, served_rows, students_carried
from benchmarks.device.stages import stage_rows
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
    limit_s: float = 0.2
    """An answer over gRPC this long after the capture is in time."""
    within_s: float = 540.0
    """No step over gRPC begins that would not be over then."""


def measure(asked: Asked) -> None:
    """Measure, record, print."""
    until_s = time.monotonic() + asked.within_s
    frames = frames_of(asked)
    folder = ModelFolder(asked.models)
    pipeline = Pipeline.load(folder, asked.provider, asked.threads)
    is_gpu = pipeline.provider == CUDA_PROVIDER
    limit = limit_of(gpu_name() if is_gpu else "")
    stages = stage_rows(folder, pipeline.provider, limit, runs=asked.runs)
    say(*of_stages(stages))
    sizes = [size for size in pipeline.buckets if size >= min(4, pipeline.buckets[-1])]
    flows = [Flow(pipeline, frames, size).run(asked.seconds) for size in sizes]
    pipeline.close()
    say(*of_flows(flows))
    best = max(flows, key=lambda row: row.frames_per_s)
    provider: Provider = "cuda" if is_gpu else "cpu"
    each = max(1, asked.threads // asked.workers)
    job = Job(str(asked.models), provider, each, frames, best.batch, asked.seconds)
    shared = [beside(job, count) for count in counts_to(asked.workers)]
    say(*of_beside(shared))
    most = max([best.frames_per_s, *(row.frames_per_s for row in shared)])
    words = ["--provider", provider, "--threads", str(each)]
    serving = Workers(asked.models, asked.workers, words)
    load = Load(frames[0], most, asked.seconds, limit_s=asked.limit_s, until_s=until_s)
    served = asyncio.run(served_rows(serving, load))
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
        "runs": asked.runs,
        "limit_s": asked.limit_s,
        "onnxruntime": ort.__version__,
    }
    record("gpu", parameters=parameters, figures=figures, path=asked.results, copy=asked.json)


def frames_of(asked: Asked) -> tuple[bytes, ...]:
    """JPEGs of a folder, else of a puppet that is drawn now.

    Raises:
        Misconfigured: the folder holds none.
    """
    if asked.frames is not None:
        found = tuple(path.read_bytes() for path in sorted(asked.frames.glob("*.jpg")))
        if not found:
            raise Misconfigured(f"{asked.frames} holds no *.jpg")
        return found
    from benchmarks.landmarks.scenes import turning  # noqa: PLC0415 - needs the portraits
    from demo.puppet.landmarks import load_portraits  # noqa: PLC0415 - the same

    return turning(load_portraits(ModelFolder(asked.models))[1], 320).frames


def pack(asked: Asked, into: Path, *, python: str | None = None) -> None:
    """Lay down what a bare machine needs beside the checkout: models, frames to look at, wheels.

    Args:
        asked: where models and frames are.
        into: a new folder; wheels go into those after it, too.
        python: version of that machine's; no wheels without it.
    """
    for name in ("frames", "models"):
        (into / name).mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(frames_of(asked)):
        (into / "frames" / f"{index:03}.jpg").write_bytes(frame)
    for path in asked.models.iterdir():
        if path.is_file():
            (into / "models" / path.name).write_bytes(path.read_bytes())
    folders = [into] if python is None else wheels_into(into, Wanted(python))
    for folder in folders:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        say(f"{folder} holds {size / 1e6:.0f} MB")


def counts_to(most: int) -> list[int]:
    """1, 2, 4, ... and the most."""
    return sorted({*(2**power for power in range(most.bit_length()) if 2**power < most), most})


def say(*lines: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()

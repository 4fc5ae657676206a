"""How fast is each network alone, bucket by bucket, and how far is that from the device's limit?"""

import statistics
import time
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from rapt.errors import Misconfigured

from benchmarks.device.limits import Limit
from inference.models.folder import ModelFolder
from inference.perception import detect, mesh
from inference.perception.decode import CHANNELS
from inference.perception.networks import InputContract, Network, buckets_of
from inference.perception.pipeline import variant_for

Name = Literal["face_detector", "attention_mesh"]
NETWORKS: tuple[tuple[Name, InputContract], ...] = (
    ("face_detector", detect.CONTRACT),
    ("attention_mesh", mesh.CONTRACT),
)
WARM_RUNS = 3


class StageRow(msgspec.Struct, frozen=True):
    """One network at one batch size."""

    stage: str
    bucket: int
    is_captured: bool
    """Whether it is replayed as a CUDA graph."""
    ms: float
    """Median of the runs, copies to and from the device included."""
    faces_per_s: float
    flop_share: float | None
    """Of the arithmetic peak; None where the work could not be counted."""
    byte_share: float | None
    """Of the memory's peak, if nothing but weights, inputs and outputs had to move."""


def stage_rows(folder: ModelFolder, provider: str, limit: Limit, *, runs: int) -> list[StageRow]:
    """Time every network at every bucket."""
    rows = []
    for name, contract in NETWORKS:
        path = folder.graph(name, variant=variant_for(folder, name, provider))
        network = Network(path, contract, provider=provider, threads=1, stage=name)
        network.warm()
        for bucket in buckets_of(provider):
            seconds = _seconds(network, contract.side_px, bucket, runs)
            shares = _shares(path, bucket, seconds, limit)
            captured, ms = network.is_captured, round(1000 * seconds, 3)
            rows.append(StageRow(name, bucket, captured, ms, round(bucket / seconds, 1), *shares))
    return rows


def _seconds(network: Network, side_px: int, bucket: int, runs: int) -> float:
    shape = (bucket, side_px, side_px, CHANNELS)
    noise = np.random.default_rng(bucket).integers(0, 256, shape, np.uint8)
    times = []
    for run in range(WARM_RUNS + runs):
        began_s = time.perf_counter()
        network.run(noise)
        if run >= WARM_RUNS:
            times.append(time.perf_counter() - began_s)
    network.take_runs()
    return statistics.median(times)


def _shares(
    path: Path, bucket: int, seconds: float, limit: Limit
) -> tuple[float | None, float | None]:
    try:
        from inference.models.cost import cost  # noqa: PLC0415 - needs a package of the extra models
    except ImportError:
        return None, None
    try:
        work = cost(path)
    except Misconfigured:
        return None, None
    flop_share = 2 * work.macs * bucket / seconds / limit.flop_per_s
    return round(flop_share, 5), round(work.least_bytes(bucket) / seconds / limit.bytes_per_s, 5)

"""How fast is each network alone, bucket by bucket, and how far is that from the device's limit?"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, get_args

import msgspec
import numpy as np
from rapt.errors import Misconfigured

from benchmarks.device.limits import Limit
from inference.models.folder import GraphName, ModelFolder
from inference.perception import detect, mesh
from inference.perception.decode import CHANNELS
from inference.perception.networks import InputContract, Network, buckets_of
from inference.perception.room import WARM_HEIGHT_PX, WIDTH_PX
from inference.perception.rows import Opener

OF_PICTURES: dict[GraphName, InputContract] = {
    "face_detector": detect.CONTRACT,
    "attention_mesh": mesh.CONTRACT,
    "room_detector_full_range": detect.FULL_RANGE.contract,
}
"""Fed with whole pictures; all others with rows."""
FREE: dict[GraphName, tuple[int, ...]] = {"room_detector": (3, WARM_HEIGHT_PX, WIDTH_PX)}
"""Shape of a row where the graph leaves it free."""
WARM_RUNS = 3
Noise = Callable[[int], Callable[[], object]]
"""Given a number of rows, what runs so many rows of noise."""


class Timed(Protocol):
    """What is timed."""

    @property
    def is_captured(self) -> bool:
        """Whether it is replayed as a CUDA graph."""


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
    """Time every network that is built at every bucket."""
    rows = []
    opener = Opener(folder, provider)
    for name in get_args(GraphName):
        if not folder.has(name):
            continue
        network, noise = _opened(opener, name)
        for bucket in buckets_of(provider):
            seconds = _seconds(noise, bucket, runs)
            shares = _shares(opener.path(name), bucket, seconds, limit)
            captured, ms = network.is_captured, round(1000 * seconds, 3)
            rows.append(StageRow(name, bucket, captured, ms, round(bucket / seconds, 1), *shares))
    return rows


def _opened(opener: Opener, name: GraphName) -> tuple[Timed, Noise]:
    """Open and warm a network; what runs it with noise."""
    contract = OF_PICTURES.get(name)
    if contract is None:
        rows = opener.open(name, shape=FREE.get(name))
        assert rows is not None  # noqa: S101 - the caller asked the folder

        def noisy_rows(bucket: int) -> Callable[[], object]:
            feeds = rows.blank(bucket)
            for values in feeds.values():
                values[...] = np.random.default_rng(bucket).integers(0, 256, values.shape)
            return partial(rows.run, feeds)

        return rows, noisy_rows
    pictures = Network(
        opener.path(name), contract, provider=opener.provider, threads=opener.threads, stage=name
    )
    pictures.warm()

    def noisy_pictures(bucket: int) -> Callable[[], object]:
        shape = (bucket, contract.side_px, contract.side_px, CHANNELS)
        bytes_ = np.random.default_rng(bucket).integers(0, 256, shape, np.uint8)
        return partial(pictures.run, bytes_)

    return pictures, noisy_pictures


def _seconds(noise: Noise, bucket: int, runs: int) -> float:
    """Median of the runs, those that warm up left out."""
    run, times = noise(bucket), []
    for number in range(WARM_RUNS + runs):
        began_s = time.perf_counter()
        run()
        if number >= WARM_RUNS:
            times.append(time.perf_counter() - began_s)
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

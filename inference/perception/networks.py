"""One network that looks at square pictures, fed with padded batches of known sizes.

Its graph says what it takes: bytes, and then it scales them itself, one colour after the other or
pixel by pixel; or floats, which are made here.
On CUDA every bucket has its buffers and its graph (`bound`). A network is used by one thread at a
time: its input buffer is made once and written over.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception.bound import BoundRuns, open_bound
from inference.perception.buckets import plan_buckets
from inference.perception.providers import (
    CPU_PROVIDER,
    CUDA_PROVIDER,
    Provider,
    buckets_of,
    choose_provider,
    open_session,
)
from inference.scheduling.stages import StageRun

__all__ = [
    "CPU_PROVIDER",
    "CUDA_PROVIDER",
    "InputContract",
    "Network",
    "Provider",
    "buckets_of",
    "choose_provider",
    "open_session",
]

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

COLOURS = 3
MAX_KEPT_RUNS = 256  # far more than one batch makes


@dataclass(frozen=True, slots=True)
class InputContract:
    """What a network was trained to be fed with: square RGB pictures, (N, side, side, 3)."""

    side_px: int
    scale: float
    """Factor from 0..255."""
    offset: float
    """Added after that."""


class Network:
    """One model on one device.

    Args:
        path: ONNX file, batch axis free.
        contract: of its input; only the side counts where the graph takes bytes.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: threads inside one run, CPU only.
        stage: what its runs are called; without it the name of the file.
    """

    def __init__(
        self,
        path: Path,
        contract: InputContract,
        *,
        provider: str,
        threads: int,
        stage: str | None = None,
    ) -> None:
        self.stage = stage or path.stem
        self._runs: deque[StageRun] = deque(maxlen=MAX_KEPT_RUNS)
        self._contract = contract
        self._buckets = buckets_of(provider)
        self._max_waste = 1.0 if provider == CUDA_PROVIDER else 0.25
        self._bound: BoundRuns | None = None
        if provider == CUDA_PROVIDER:
            self._session, self._bound = open_bound(
                path, self._buckets, threads=threads, stage=self.stage
            )
        else:
            self._session = open_session(path, provider, threads)
        taken = self._session.get_inputs()[0]
        self._input = taken.name
        self._takes_bytes = taken.type == "tensor(uint8)"
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._takes_planes = taken.shape[1] == COLOURS
        self._bytes = np.zeros((self._buckets[-1], *taken.shape[1:]), np.uint8)
        self._floats = np.zeros(0 if self._takes_bytes else self._bytes.shape, np.float32)

    @property
    def is_captured(self) -> bool:
        """Whether its batches are replayed as CUDA graphs."""
        return self._bound is not None and self._bound.is_captured

    def warm(self) -> None:
        """Run every bucket, so that no frame pays for it."""
        if self._bound is not None:
            self._bound.warm()
            return
        for size in self._buckets:
            padded = self._bytes[:size] if self._takes_bytes else self._floats[:size]
            self._session.run(self._outputs, {self._input: padded})

    def run(self, pixels: Sequence[U8] | U8) -> Mapping[str, F32]:
        """Run any number of pictures.

        Args:
            pixels: N >= 1 of (side, side, 3) RGB.

        Returns:
            (N, ...) by output name.
        """
        parts: list[list[F32]] = []
        start = 0
        for size in plan_buckets(len(pixels), self._buckets, max_waste=self._max_waste):
            stop = min(start + size, len(pixels))
            began_s = time.perf_counter()
            parts.append(self._run(pixels[start:stop], size))
            run_s = time.perf_counter() - began_s
            self._runs.append(StageRun(self.stage, size, stop - start, run_s))
            start = stop
        joined = (
            parts[0] if len(parts) == 1 else [np.concatenate(p) for p in zip(*parts, strict=True)]
        )
        return dict(zip(self._outputs, joined, strict=True))

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call, warm-up left out."""
        runs = list(self._runs)
        self._runs.clear()
        return runs

    def _run(self, pixels: Sequence[U8] | U8, size: int) -> list[F32]:
        count = len(pixels)
        for picture, into in zip(pixels, self._bytes, strict=False):
            if self._takes_planes:
                cv2.split(picture, tuple(into))
            else:
                into[:] = picture
        if not self._takes_bytes:
            self._scale(count)
        padded = (self._bytes if self._takes_bytes else self._floats)[:size]
        if self._bound is not None:
            return self._bound.run({self._input: padded[:count]}, size)
        outputs = self._session.run(self._outputs, {self._input: padded})
        return [output[:count] for output in outputs]

    def _scale(self, count: int) -> None:
        """Make the network's own numbers of the first bytes; what is behind stays."""
        rows = self._floats[:count]
        np.multiply(self._bytes[:count], np.float32(self._contract.scale), out=rows)
        if self._contract.offset:
            rows += np.float32(self._contract.offset)

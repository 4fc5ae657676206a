"""Networks that are fed with named arrays of rows, not with whole pictures.

A network is used by one thread at a time. Every run is padded to a known batch size and reported.
On CUDA every bucket has its buffers and its graph (`bound`), where rows have one shape.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.models.folder import GraphName, ModelFolder
from inference.perception.bound import BoundRuns, open_bound
from inference.perception.buckets import plan_buckets
from inference.perception.networks import CUDA_PROVIDER, buckets_of, open_session
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float32] | npt.NDArray[np.uint8]

BYTES = "tensor(uint8)"
OPENED_LATE: frozenset[str] = frozenset({"face_landmarks_v2", "blendshapes"})
"""Opened by the first frame that wants them, in a thread beside running batches: not captured."""
MAX_RUNS = 256
"""More runs than any batch makes; older ones are forgotten when nobody asks."""


class RowNetwork:
    """One model on one device.

    Args:
        path: ONNX file, batch axis free.
        stage: what its runs are called.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: threads inside one run, CPU only.
        shape: of one row of the first input, where the model leaves it free; for warming up.
    """

    def __init__(
        self,
        path: Path,
        stage: str,
        *,
        provider: str,
        threads: int,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self._stage = stage
        self._runs: deque[StageRun] = deque(maxlen=MAX_RUNS)
        self._buckets = buckets_of(provider)
        self._max_waste = 1.0 if provider == CUDA_PROVIDER else 0.25
        self._bound: BoundRuns | None = None
        if provider == CUDA_PROVIDER:
            self._session, self._bound = open_bound(
                path,
                self._buckets,
                threads=threads,
                stage=stage,
                may_capture=stage not in OPENED_LATE,
            )
        else:
            self._session = open_session(path, provider, threads)
        inputs = self._session.get_inputs()
        self._shapes = {i.name: tuple(i.shape[1:]) for i in inputs}
        self._types = {i.name: np.uint8 if i.type == BYTES else np.float32 for i in inputs}
        if shape is not None:
            self._shapes[next(iter(self._shapes))] = shape
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in the model's order."""
        return tuple(self._shapes)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in the model's order."""
        return tuple(self._outputs)

    @property
    def takes_bytes(self) -> bool:
        """Whether pictures go in as they are: (N, H, W, 3) RGB bytes."""
        return next(iter(self._types.values())) is np.uint8

    @property
    def is_captured(self) -> bool:
        """Whether its batches are replayed as CUDA graphs."""
        return self._bound is not None and self._bound.is_captured

    def warm(self) -> None:
        """Run every bucket once, so that no frame pays for it."""
        for size in self._buckets:
            self._run(self.blank(size), size)

    def blank(self, count: int) -> dict[str, Rows]:
        """Rows of zeros, (count, ...) by input name, in the kinds that the model takes."""
        return {
            name: np.zeros((count, *shape), self._types[name])
            for name, shape in self._shapes.items()
        }

    def run(self, feeds: Mapping[str, Rows]) -> tuple[F32, ...]:
        """Run any number of rows.

        Args:
            feeds: (N, ...) by input name, N >= 1.

        Returns:
            (N, ...) in the order of `outputs`.
        """
        count = len(next(iter(feeds.values())))
        parts: list[list[F32]] = []
        start = 0
        for size in plan_buckets(count, self._buckets, max_waste=self._max_waste):
            began_s = time.perf_counter()
            stop = min(start + size, count)
            parts.append(self._run({name: rows[start:stop] for name, rows in feeds.items()}, size))
            run_s = time.perf_counter() - began_s
            self._runs.append(StageRun(self._stage, size, stop - start, run_s))
            start = stop
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call, warm-up left out."""
        runs = list(self._runs)
        self._runs.clear()
        return runs

    def _run(self, rows: Mapping[str, Rows], size: int) -> list[F32]:
        """Run up to `size` rows in that bucket."""
        if self._bound is not None:
            return self._bound.run(rows, size)
        count = len(next(iter(rows.values())))
        padded = {name: _padded(given, size) for name, given in rows.items()}
        return [output[:count] for output in self._session.run(self._outputs, padded)]


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the optional networks that were built."""

    folder: ModelFolder
    provider: str
    """`CPU_PROVIDER` or `CUDA_PROVIDER`."""
    threads: int = 1

    def open(self, name: GraphName, shape: tuple[int, ...] | None = None) -> RowNetwork | None:
        """Open and warm a network; None when it is not built.

        Args:
            name: which.
            shape: of one row of its first input, where the model leaves it free.

        Raises:
            Misconfigured: it is damaged, or does not run there.
        """
        if not self.folder.has(name):
            return None
        path = self.path(name)
        network = RowNetwork(path, name, provider=self.provider, threads=self.threads, shape=shape)
        network.warm()
        return network

    def path(self, name: GraphName) -> Path:
        """Choose the graph that was drawn for CUDA, where it was built and is of use.

        Raises:
            Misconfigured: neither was built.
        """
        on_cuda = self.provider == CUDA_PROVIDER and self.folder.has(name, variant="gpu")
        return self.folder.graph(name, variant="gpu" if on_cuda else "cpu")


def _padded(rows: Rows, size: int) -> npt.NDArray[np.generic]:
    """Give (N, ...) rows `size` rows; the new ones are zeros."""
    if len(rows) == size:
        return np.ascontiguousarray(rows)
    padded = np.zeros_like(rows, shape=(size, *rows.shape[1:]))
    padded[: len(rows)] = rows
    return padded

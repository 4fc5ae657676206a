"""Networks that are fed with named arrays of rows, not with whole pictures.

A network is used by one thread at a time. Every run is padded to a known batch size and reported.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.models.folder import GraphName, ModelFolder
from inference.perception.buckets import plan_buckets
from inference.perception.networks import CUDA_PROVIDER, buckets_of, open_session
from inference.stages import StageRun

F32 = npt.NDArray[np.float32]


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
        self._runs: list[StageRun] = []
        self._buckets = buckets_of(provider)
        self._max_waste = 1.0 if provider == CUDA_PROVIDER else 0.25
        self._session = open_session(path, provider, threads)
        self._shapes = {i.name: tuple(i.shape[1:]) for i in self._session.get_inputs()}
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

    def warm(self) -> None:
        """Run every bucket once, so that no frame pays for it."""
        for size in self._buckets:
            self._session.run(
                self._outputs,
                {
                    name: np.zeros((size, *shape), np.float32)
                    for name, shape in self._shapes.items()
                },
            )

    def run(self, feeds: Mapping[str, F32]) -> tuple[F32, ...]:
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
            padded = {name: _padded(rows[start:stop], size) for name, rows in feeds.items()}
            outputs = self._session.run(self._outputs, padded)
            parts.append([output[: stop - start] for output in outputs])
            run_s = time.perf_counter() - began_s
            self._runs.append(StageRun(self._stage, size, stop - start, run_s))
            start = stop
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call, warm-up left out."""
        runs, self._runs = self._runs, []
        return runs


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
        path = self.folder.graph(name)
        network = RowNetwork(path, name, provider=self.provider, threads=self.threads, shape=shape)
        network.warm()
        return network


def _padded(rows: F32, size: int) -> F32:
    """Give (N, ...) rows `size` rows; the new ones are zeros."""
    if len(rows) == size:
        return np.ascontiguousarray(rows)
    padded = np.zeros((size, *rows.shape[1:]), np.float32)
    padded[: len(rows)] = rows
    return padded

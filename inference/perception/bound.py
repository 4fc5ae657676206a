"""A network whose every batch size has its own buffers on the device, and on a GPU its own graph.

Nothing is allocated while it runs: rows go up into the bucket's inputs, the bucket's CUDA graph is
launched, the bucket's outputs come down. ONNX Runtime captures the graph of a bucket during its
first runs, by the number that the run carries, so every bucket is run before the first frame.
One thread at a time. ONNX Runtime keeps a thread's graphs to itself, so the thread that serves
captures its own while the worker warms up; while one thread captures no other may use the device,
so nothing that is opened beside running batches is captured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
import structlog
from onnxruntime.capi import (  # type: ignore[import-untyped]  # ships no types
    onnxruntime_pybind11_state as state,
)

from inference.perception.providers import CUDA_PROVIDER, open_session

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Rows = F32 | U8

CAPTURE_RUNS = 3
"""The first two allocate and choose algorithms, the third is captured or replayed."""
REFUSALS = (
    state.EPFail,
    state.Fail,
    state.InvalidGraph,
    state.NotImplemented,
    state.RuntimeException,
)
"""What ONNX Runtime says when it cannot capture a graph."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """One input of one bucket."""

    on_device: Any
    host: Rows
    """The same on this side; rows behind the last one given are what was there before."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """What one bucket runs with."""

    binding: Any
    options: Any
    taken: Mapping[str, _Taken]
    """Inputs, by name."""
    given: tuple[Any, ...]
    """The outputs, on the device."""


class BoundRuns:
    """The buckets of one session.

    Args:
        session: an open one, of whose inputs and outputs only the first axis is free.
        buckets: batch sizes.
        device: "cuda" or "cpu".
        is_captured: whether the session was opened to be captured.
    """

    def __init__(
        self, session: Any, buckets: Sequence[int], *, device: str, is_captured: bool
    ) -> None:
        self.is_captured = is_captured
        """Whether each bucket is replayed as a CUDA graph."""
        self._session = session
        self._device = device
        self._buckets = {
            size: self._bound(size, number if is_captured else None)
            for number, size in enumerate(buckets, start=1)
        }

    def warm(self) -> None:
        """Capture every bucket."""
        for size, bound in self._buckets.items():
            for _ in range(CAPTURE_RUNS):
                self.run({name: taken.host for name, taken in bound.taken.items()}, size)

    def run(self, rows: Mapping[str, Rows], size: int) -> list[F32]:
        """Run up to `size` rows in that bucket.

        Args:
            rows: (N, ...) of every input, by its name.
            size: the bucket, N or more.

        Returns:
            (N, ...) of each output, in the model's order.
        """
        bound = self._buckets[size]
        for name, taken in bound.taken.items():
            given = rows[name]
            if given is not taken.host:
                taken.host[: len(given)] = given
            taken.on_device.update_inplace(taken.host)
        self._session.run_with_iobinding(bound.binding, bound.options)
        count = len(next(iter(rows.values())))
        outputs = [value.numpy()[:count] for value in bound.given]
        return [row.copy() for row in outputs] if self._device == "cpu" else outputs

    def _bound(self, size: int, graph: int | None) -> _Bound:
        binding = self._session.io_binding()
        taken = {value.name: self._taken(value, size) for value in self._session.get_inputs()}
        for name, one in taken.items():
            binding.bind_ortvalue_input(name, one.on_device)
        given = []
        for output in self._session.get_outputs():
            shape = [size, *output.shape[1:]]
            value = ort.OrtValue.ortvalue_from_shape_and_type(shape, np.float32, self._device, 0)
            binding.bind_ortvalue_output(output.name, value)
            given.append(value)
        options = ort.RunOptions()
        if graph is not None:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        return _Bound(binding, options, taken, tuple(given))

    def _taken(self, value: Any, size: int) -> _Taken:
        dtype = np.uint8 if value.type == "tensor(uint8)" else np.float32
        host = np.zeros((size, *value.shape[1:]), dtype)
        return _Taken(ort.OrtValue.ortvalue_from_numpy(host, self._device, 0), host)


def open_bound(
    path: Path, buckets: Sequence[int], *, threads: int, stage: str, may_capture: bool = True
) -> tuple[Any, BoundRuns | None]:
    """Open a network on CUDA, its buckets captured; where a node has to stay on the CPU, not.

    Args:
        path: ONNX file.
        buckets: batch sizes.
        threads: as of any session; on CUDA a single one runs what is left to the CPU.
        stage: what it is called in the log.
        may_capture: whether no other thread uses the device meanwhile.

    Returns:
        The session, and its warm buckets; None where more than the first axis is free, because
        buffers have one shape.

    Raises:
        Misconfigured: it does not run there.
    """
    try:
        return _opened(path, buckets, threads, is_captured=may_capture)
    except REFUSALS as error:
        log.warning("cuda_graph_unavailable", network=stage, reason=str(error)[:200])
    return _opened(path, buckets, threads, is_captured=False)


def _opened(
    path: Path, buckets: Sequence[int], threads: int, *, is_captured: bool
) -> tuple[Any, BoundRuns | None]:
    session = open_session(path, CUDA_PROVIDER, threads, is_captured=is_captured)
    if not has_fixed_rows(session):
        return (open_session(path, CUDA_PROVIDER, threads) if is_captured else session), None
    bound = BoundRuns(session, buckets, device="cuda", is_captured=is_captured)
    bound.warm()
    return session, bound


def has_fixed_rows(session: Any) -> bool:
    """Whether only the first axis of its inputs and outputs is free."""
    values = [*session.get_inputs(), *session.get_outputs()]
    return all(isinstance(axis, int) for value in values for axis in value.shape[1:])

"""A network whose every batch size has its own buffers on the device, and on a GPU its own graph.

Nothing is allocated while it runs: bytes go up into the bucket's input, the bucket's CUDA graph is
launched, the bucket's outputs come down. ONNX Runtime captures the graph of a bucket during its
first runs, by the number that the run carries, so every bucket is run before the first frame.
One thread at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

CAPTURE_RUNS = 3
"""The first two allocate and choose algorithms, the third is captured or replayed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """What one bucket runs with."""

    binding: Any
    options: Any
    taken: Any
    """The input, on the device."""
    given: tuple[Any, ...]
    """The outputs, on the device."""
    host: U8 | F32
    """The input on this side, rows behind the last picture are what was there before."""


class BoundRuns:
    """The buckets of one session.

    Args:
        session: an open one with a single input of pictures and outputs of known shape.
        buckets: batch sizes.
        device: "cuda" or "cpu".
        is_captured: whether the session was opened to be captured.
    """

    def __init__(
        self, session: Any, buckets: Sequence[int], *, device: str, is_captured: bool
    ) -> None:
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
                self.run(bound.host, size)

    def run(self, pictures: U8 | F32, size: int) -> list[F32]:
        """Run up to `size` pictures in that bucket; one array for each output, rows as given."""
        bound = self._buckets[size]
        count = len(pictures)
        if pictures is not bound.host:
            bound.host[:count] = pictures
        bound.taken.update_inplace(bound.host)
        self._session.run_with_iobinding(bound.binding, bound.options)
        outputs = [value.numpy()[:count] for value in bound.given]
        return [row.copy() for row in outputs] if self._device == "cpu" else outputs

    def _bound(self, size: int, graph: int | None) -> _Bound:
        taken, *_ = self._session.get_inputs()
        dtype = np.uint8 if taken.type == "tensor(uint8)" else np.float32
        host = np.zeros((size, *taken.shape[1:]), dtype)
        on_device = ort.OrtValue.ortvalue_from_numpy(host, self._device, 0)
        outputs = self._session.get_outputs()
        given = tuple(
            ort.OrtValue.ortvalue_from_shape_and_type(
                [size, *output.shape[1:]], np.float32, self._device, 0
            )
            for output in outputs
        )
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(taken.name, on_device)
        for output, value in zip(outputs, given, strict=True):
            binding.bind_ortvalue_output(output.name, value)
        options = ort.RunOptions()
        if graph is not None:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        return _Bound(binding, options, on_device, given, host)

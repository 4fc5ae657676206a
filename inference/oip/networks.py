"""Each network of the model folder under its own name: what its graph takes in, what it gives out.

For whoever wants to compare a network with its maker's, or to build something else on it. It has a
session and an engine of its own, so the streams never wait behind it for a place in a batch; all
share the machine.
Whoever asks a network by name has no policy pack, so those that read movements of a face are left
out unless the worker's settings say otherwise: they are not even opened.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import structlog
from rapt.errors import Misconfigured

from inference.models.folder import GraphName, ModelFolder
from inference.oip.bare import BareModel, Rows
from inference.oip.tensors import SIZES, Row, TensorSpec
from inference.perception.networks import buckets_of, open_session
from inference.perception.room import WARM_HEIGHT_PX, WIDTH_PX
from inference.scheduling.stages import Ran, StageRun

Array = npt.NDArray[Any]

KINDS = {
    "tensor(bool)": ("BOOL", "?"),
    "tensor(uint8)": ("UINT8", "u1"),
    "tensor(int8)": ("INT8", "i1"),
    "tensor(int32)": ("INT32", "<i4"),
    "tensor(int64)": ("INT64", "<i8"),
    "tensor(float16)": ("FP16", "<f2"),
    "tensor(float)": ("FP32", "<f4"),
    "tensor(double)": ("FP64", "<f8"),
}
"""ONNX Runtime's words for elements: the protocol's, and numpy's."""

FIXED: dict[GraphName, tuple[int, ...]] = {"room_detector": (3, WARM_HEIGHT_PX, WIDTH_PX)}
"""Shapes of a row where the graph leaves them free: rows of different requests share a run."""

log = structlog.get_logger()


class NetworkDevice:
    """Runs one graph on batches of rows.

    Args:
        path: ONNX file whose first axis is the batch and free.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: inside one run, CPU only.
        shape: of a row of its one input, where the graph leaves other axes free, too.
    """

    def __init__(
        self, path: Path, *, provider: str, threads: int, shape: tuple[int, ...] | None = None
    ) -> None:
        """Open the graph and run it once: only that says the shapes of all outputs.

        Raises:
            Misconfigured: an axis of an input is free and not told, or holds what has no name.
        """
        self.provider = provider
        self.buckets = buckets_of(provider)
        self._session = open_session(path, provider, threads)
        self._stage = path.stem
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self.inputs = tuple(_spec(tensor, shape or tensor.shape[1:]) for tensor in inputs)
        self._kinds = [np.dtype(KINDS[tensor.type][1]) for tensor in inputs]
        _, feeds = self.prepare([self._nothing()])
        arrays = self._session.run([tensor.name for tensor in outputs], feeds)
        self.outputs = tuple(
            _spec(tensor, array.shape[1:]) for tensor, array in zip(outputs, arrays, strict=True)
        )

    def warm(self) -> None:
        """Run every size once, so that no request pays for it."""
        for bucket in self.buckets:
            self.run(self.prepare([self._nothing()] * bucket))

    def prepare(self, jobs: Sequence[Rows]) -> tuple[int, dict[str, Array]]:
        """Put rows together, padded to a size that the network has run before."""
        bucket = next((size for size in self.buckets if size >= len(jobs)), len(jobs))
        feeds = {}
        for place, (spec, kind) in enumerate(zip(self.inputs, self._kinds, strict=True)):
            batch = np.zeros((bucket, math.prod(spec.shape)), kind)
            for row, job in enumerate(jobs):
                batch[row] = np.frombuffer(job[place], kind)
            feeds[spec.name] = batch.reshape(bucket, *spec.shape)
        return len(jobs), feeds

    def run(self, prepared: tuple[int, dict[str, Array]]) -> Ran[Sequence[Row]]:
        """Run the network; the engine times it."""
        count, feeds = prepared
        outputs = self._session.run([spec.name for spec in self.outputs], feeds)
        bucket = len(next(iter(feeds.values())))
        rows: list[Sequence[Row]] = [
            tuple(output[row].tobytes() for output in outputs) for row in range(count)
        ]
        return Ran(rows, (StageRun(self._stage, bucket, count, 0.0),))

    def _nothing(self) -> Rows:
        return tuple(bytes(spec.row_bytes) for spec in self.inputs)


def open_networks(
    folder: ModelFolder, *, provider: str, threads: int, has_expressions: bool = False
) -> dict[str, BareModel]:
    """Return a model for each network that was built and may be asked, by name.

    Args:
        folder: the built models.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: inside one run, CPU only.
        has_expressions: whether those that read movements of a face may.

    Raises:
        Misconfigured: a file is damaged.
    """
    models = {}
    for name in get_args(GraphName):
        if not folder.has(name):
            continue
        if folder.is_of("expression", name) and not has_expressions:
            log.info("network_not_offered", network=name, reason="expressions are not allowed")
            continue
        device = NetworkDevice(
            folder.graph(name), provider=provider, threads=threads, shape=FIXED.get(name)
        )
        device.warm()
        models[name] = BareModel(name, device, inputs=device.inputs, outputs=device.outputs)
    return models


def _spec(tensor: Any, shape: Sequence[Any]) -> TensorSpec:
    """Describe one tensor of a graph; ONNX Runtime's own description of it has no types."""
    if tensor.type not in KINDS or not all(isinstance(axis, int) for axis in shape):
        raise Misconfigured(f"{tensor.name} is a {tensor.type} of {tensor.shape}")
    datatype = KINDS[tensor.type][0]
    assert datatype in SIZES  # noqa: S101  # the tables belong together
    return TensorSpec(tensor.name, datatype, tuple(shape))

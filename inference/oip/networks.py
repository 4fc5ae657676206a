"""Each network of the model folder under its own name: what its graph takes in, what it gives out.

For whoever wants to compare a network with its maker's, or to build something else on it. It has a
session and an engine of its own, so the streams never wait behind it for a place in a batch; all
share the machine.
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

log = structlog.get_logger()


class NetworkDevice:
    """Runs one graph on batches of rows.

    Args:
        path: ONNX file whose first axis is the batch and free, all others fixed.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: inside one run, CPU only.
    """

    def __init__(self, path: Path, *, provider: str, threads: int) -> None:
        """Open the graph.

        Raises:
            Misconfigured: it has an axis other than the batch that is not fixed.
        """
        self.provider = provider
        self.buckets = buckets_of(provider)
        self._session = open_session(path, provider, threads)
        self._stage = path.stem
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self.inputs = tuple(_spec(tensor) for tensor in inputs)
        self.outputs = tuple(_spec(tensor) for tensor in outputs)
        self._kinds = [np.dtype(KINDS[tensor.type][1]) for tensor in inputs]

    def warm(self) -> None:
        """Run every size once, so that no request pays for it."""
        nothing = tuple(bytes(spec.row_bytes) for spec in self.inputs)
        for bucket in self.buckets:
            self.run(self.prepare([nothing] * bucket))

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


def open_networks(folder: ModelFolder, *, provider: str, threads: int) -> dict[str, BareModel]:
    """Return a model for each network that was built and has fixed shapes, by name.

    Raises:
        Misconfigured: a file is damaged.
    """
    models = {}
    for name in get_args(GraphName):
        if not folder.has(name):
            continue
        try:
            device = NetworkDevice(folder.graph(name), provider=provider, threads=threads)
        except FreeAxis as error:
            log.info("network_not_offered", network=name, reason=str(error))
            continue
        device.warm()
        models[name] = BareModel(name, device, inputs=device.inputs, outputs=device.outputs)
    return models


class FreeAxis(Misconfigured):
    """A graph takes pictures of any size: rows of different requests could not share a run."""


def _spec(tensor: Any) -> TensorSpec:
    """Describe one tensor of a graph; ONNX Runtime's own description of it has no types."""
    if tensor.type not in KINDS or not all(isinstance(axis, int) for axis in tensor.shape[1:]):
        raise FreeAxis(f"{tensor.name} is a {tensor.type} of {tensor.shape}")
    datatype = KINDS[tensor.type][0]
    assert datatype in SIZES  # noqa: S101  # the tables belong together
    return TensorSpec(tensor.name, datatype, tuple(tensor.shape[1:]))

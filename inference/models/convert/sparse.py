"""How does a sparse tflite tensor look when every zero is written out?

A sparse tensor of rank R is stored as R axes plus B block axes, walked in `traversal order`.
Each walked axis is either dense (its size) or CSR (where each row starts, and which indices it
holds). A block axis adds to the index of the axis that the block map names.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite  # type: ignore[import-untyped]  # generated schema without annotations

Array = npt.NDArray[Any]  # any element type

_VECTORS = {
    tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
    tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
    tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
}


class _Dense:
    """An axis that is stored in full."""

    def __init__(self, size: int) -> None:
        self.size = size

    def entries(self, row: int) -> Iterator[tuple[int, int]]:
        """Yield (index along the axis, position in the stored values)."""
        return ((index, row * self.size + index) for index in range(self.size))


class _Compressed:
    """An axis that stores only the indices that are there."""

    def __init__(self, starts: Sequence[int], indices: Sequence[int]) -> None:
        self.starts = starts
        self.indices = indices

    def entries(self, row: int) -> Iterator[tuple[int, int]]:
        """Yield (index along the axis, position in the stored values)."""
        stored = range(int(self.starts[row]), int(self.starts[row + 1]))
        return ((int(self.indices[position]), position) for position in stored)


def dense(values: Array, sparsity: Any, shape: tuple[int, ...]) -> Array:
    """Write the stored values (any order the file chose) into a full array of that shape."""
    order = [int(axis) for axis in sparsity.TraversalOrderAsNumpy()]
    block_map = [int(a) for a in sparsity.BlockMapAsNumpy()] if sparsity.BlockMapLength() else []
    axes = [_axis(sparsity.DimMetadata(i)) for i in range(sparsity.DimMetadataLength())]
    rank = len(shape)
    step = [1] * rank
    for block, axis in enumerate(block_map):
        whole = axes[order.index(rank + block)]
        step[axis] = whole.size if isinstance(whole, _Dense) else 1
    full = np.zeros(shape, values.dtype)
    for walked, position in _walk(axes, 0, 0):
        index = [0] * rank
        for axis, at in zip(order, walked, strict=True):
            if axis < rank:
                index[axis] += at * step[axis]
            else:
                index[block_map[axis - rank]] += at
        full[tuple(index)] = values[position]
    return full


def _walk(
    axes: Sequence[_Dense | _Compressed], level: int, row: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    if level == len(axes):
        yield (), row
        return
    for index, position in axes[level].entries(row):
        for rest, value in _walk(axes, level + 1, position):
            yield (index, *rest), value


def _axis(metadata: Any) -> _Dense | _Compressed:
    if metadata.Format() == tflite.DimensionType.DENSE:
        return _Dense(metadata.DenseSize())
    starts = _vector(metadata.ArraySegmentsType(), metadata.ArraySegments())
    return _Compressed(starts, _vector(metadata.ArrayIndicesType(), metadata.ArrayIndices()))


def _vector(kind: int, table: Any) -> Sequence[int]:
    vector = _VECTORS[kind]()
    vector.Init(table.Bytes, table.Pos)
    values: Sequence[int] = vector.ValuesAsNumpy().tolist()
    return values

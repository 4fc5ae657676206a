"""Sparse constants."""

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]  # bare
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.models.convert.flatbuffer import read_graph
from tests.inference.models.drafts import F32, Draft, assert_same, options

BLOCK = 4


def sparse_file(full: F32) -> tuple[bytes, int]:
    """Store (rows, 4 x blocks) as rows of sparse blocks of four, and add it to the input."""
    rows, width = full.shape
    blocks = full.reshape(rows, width // BLOCK, BLOCK)
    kept = np.asarray(blocks.any(axis=2))
    draft = Draft()
    value = draft.tensor(1, rows, width)
    number = draft.constant(blocks[kept].ravel())
    draft.graph.tensors[number].shape = np.array(full.shape, np.int32)
    sparsity = schema.SparsityParametersT()
    sparsity.traversalOrder = np.array([0, 1, 2], np.int32)
    sparsity.blockMap = np.array([1], np.int32)
    sparsity.dimMetadata = [dense(rows), compressed(kept), dense(BLOCK)]
    draft.graph.tensors[number].sparsity = sparsity
    widened = draft.operator("DENSIFY", [number], draft.tensor(rows, width))
    result = draft.tensor(1, rows, width)
    draft.operator("ADD", [value, widened], result, options("AddOptions"))
    return draft.finish([value], [result]), number


def dense(size: int) -> object:
    """Return the description of an axis that is stored in full."""
    axis = schema.DimensionMetadataT()
    axis.format = schema.DimensionType.DENSE
    axis.denseSize = size
    return axis


def compressed(kept: npt.NDArray[np.bool_]) -> object:
    """Return the description of rows that store only the blocks that are there."""
    axis = schema.DimensionMetadataT()
    axis.format = schema.DimensionType.SPARSE_CSR
    starts, indices = schema.Int32VectorT(), schema.Uint8VectorT()
    starts.values = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    indices.values = np.nonzero(kept)[1].astype(np.uint8)
    axis.arraySegmentsType = schema.SparseIndexVector.Int32Vector
    axis.arraySegments = starts
    axis.arrayIndicesType = schema.SparseIndexVector.Uint8Vector
    axis.arrayIndices = indices
    return axis


MATRICES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 4).map(lambda blocks: blocks * BLOCK)),
    elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.5]),
).filter(lambda matrix: bool(matrix.any()))


@settings(max_examples=40, deadline=None)
@given(MATRICES)
def test_every_zero_comes_back(full: F32) -> None:
    """Whatever blocks were left out, the constant is the matrix that was stored."""
    data, number = sparse_file(full)
    constant = read_graph(data).tensors[number].constant
    assert constant is not None
    np.testing.assert_array_equal(constant, full)


def test_the_interpreter_reads_it_the_same() -> None:
    """The block map means for us what it means for tflite."""
    full = np.zeros((3, 12), np.float32)
    full[0, 4:8], full[2, :4], full[2, 9] = [1, 2, 3, 4], 5, 6
    assert_same(sparse_file(full)[0], np.ones((2, 3, 12), np.float32))

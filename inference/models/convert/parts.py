"""Where can a sum leave out channels that are nothing but padding?

Residual blocks that widen a picture add one whose last channels are zeros to the result of a
convolution. To write those zeros takes as long as a convolution. Drawn in two parts, the first
half of the convolution meets the picture as it is and the second half meets nobody; behind each
other the two are the sum. That holds inside ONNX Runtime's blocked layout, if each part fills its
blocks of channels.
"""

import numpy as np
import tflite  # type: ignore[import-untyped]  # generated schema without annotations

from inference.models.convert.flatbuffer import Operator, TfliteGraph

BLOCK = 16
"""Channels that stand together with AVX-512; a multiple of all other blocks."""


def added_channels(graph: TfliteGraph, operator: Operator) -> int:
    """Return how many channels a PAD adds behind the others, 0 if it does anything else."""
    pairs = graph.tensors[operator.inputs[1]].constant if operator.kind == "PAD" else None
    if pairs is None or np.delete(pairs.ravel(), -1).any():
        return 0
    return int(pairs.ravel()[-1])


def split_of(graph: TfliteGraph, tensor: int) -> int | None:
    """Return at which channel a convolution's result is to be drawn in two parts, if at all.

    It is where its only reader adds a picture whose later channels are padding.
    """
    readers = [operator for operator in graph.operators if tensor in operator.inputs]
    if len(readers) != 1 or tensor in graph.outputs or not _is_sum(readers[0]):
        return None
    others = set(readers[0].inputs) - {tensor}
    makers = [maker for maker in graph.operators if others & set(maker.outputs)]
    added = added_channels(graph, makers[0]) if len(makers) == 1 else 0
    channels = graph.tensors[tensor].shape[-1]
    fills = added > 0 and channels % BLOCK == added % BLOCK == 0
    return channels - added if fills else None


def _is_sum(operator: Operator) -> bool:
    if operator.kind != "ADD" or operator.is_custom:
        return False
    fused = operator.options(tflite.AddOptions).FusedActivationFunction()
    return bool(fused == tflite.ActivationFunctionType.NONE)

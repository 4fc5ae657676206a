"""Which values may be drawn with some channels negated, so that a PReLU costs less?

With slope a, PReLU(x) = a x + (1 - a) relu(x). Where a <= 1 the second part is relu((1 - a) x), and
ONNX Runtime fuses that relu with the convolution that scales. Where a > 1 the same holds for the
negative: -PReLU(x) = -a x + relu((a - 1) x). So such channels are drawn negated, and who reads them
takes the sign back where it costs nothing: convolutions in their weights, and the residual
addition by asking its other part, a convolution, to be negated as well.

A value may be drawn so only if everyone who reads it can do that; a maximum, for one, can not.
"""

from collections.abc import Mapping, Sequence

import tflite  # type: ignore[import-untyped]  # generated schema without annotations

from inference.models.convert.flatbuffer import Operator, TfliteGraph

_CONVOLUTIONS = {
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
}
_NONE = tflite.ActivationFunctionType.NONE


class Readers:
    """Who reads and who makes each tensor."""

    def __init__(self, graph: TfliteGraph) -> None:
        self._graph = graph
        self._makers: Mapping[int, Operator] = {
            tensor: operator for operator in graph.operators for tensor in operator.outputs
        }
        readers: dict[int, list[Operator]] = {}
        for operator in graph.operators:
            for tensor in operator.inputs:
                readers.setdefault(tensor, []).append(operator)
        self._readers = readers

    def all_take_signs(self, tensor: int) -> bool:
        """Say whether everyone who reads the tensor can take negated channels."""
        readers = self._of(tensor)
        return bool(readers) and all(self._takes_signs(reader, tensor) for reader in readers)

    def partner(self, tensor: int) -> int | None:
        """Return what a convolution's result is added to, if nobody else reads that result."""
        readers, maker = self._of(tensor), self._makers.get(tensor)
        if len(readers) != 1 or not _is_bare(maker):
            return None
        return _other(readers[0], tensor)

    def _of(self, tensor: int) -> Sequence[Operator]:
        return () if tensor in self._graph.outputs else self._readers.get(tensor, ())

    def _takes_signs(self, reader: Operator, tensor: int) -> bool:
        if reader.kind in _CONVOLUTIONS:
            return reader.inputs[0] == tensor
        other = _other(reader, tensor)
        return other is not None and self.partner(other) == tensor


def _other(addition: Operator, tensor: int) -> int | None:
    """The other part of a bare addition of two different values."""
    if addition.kind != "ADD" or addition.is_custom:
        return None
    if addition.options(tflite.AddOptions).FusedActivationFunction() != _NONE:
        return None
    others = [part for part in addition.inputs if part != tensor]
    return others[0] if len(others) == 1 else None


def _is_bare(maker: Operator | None) -> bool:
    """Whether that is a convolution without an activation."""
    if maker is None or maker.kind not in _CONVOLUTIONS:
        return False
    fused = maker.options(_CONVOLUTIONS[maker.kind]).FusedActivationFunction()
    return bool(fused == _NONE)

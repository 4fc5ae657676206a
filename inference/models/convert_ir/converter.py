"""Which layers are folded, and which are drawn?

What hangs on constants alone is computed here, by numpy: widened weights, sums of biases.
A layer without an entry is refused by name: a guess would be a wrong gaze.
"""

from collections.abc import Callable, Mapping

import numpy as np
import onnx
from rapt.errors import Misconfigured

from inference.models.convert.frame import Port, framed, named_output
from inference.models.convert.intake import from_bytes
from inference.models.convert.layout import IMAGE_RANK
from inference.models.convert.sheet import Array
from inference.models.convert_ir.operators import KNOWN
from inference.models.convert_ir.reader import Layer, read_ir
from inference.models.convert_ir.sketch import Sketch
from inference.models.manifest import Picture

_FOLDED: Mapping[str, Callable[[Array, Array], Array]] = {
    "Add": np.add,
    "Multiply": np.multiply,
    "Subtract": np.subtract,
    "Divide": np.divide,
}


def convert_ir(xml: bytes, weights: bytes, *, picture: Picture | None = None) -> bytes:
    """Turn an OpenVINO IR into an ONNX file.

    Args:
        xml: the graph.
        weights: the `.bin` file beside it.
        picture: what the network wants; then inputs of rank 4 take RGB bytes (N, H, W, 3).

    Raises:
        Misconfigured: the IR is damaged, or has a layer that is unknown; the message names it.
    """
    layers = read_ir(xml, weights)
    sketch = Sketch(layers)
    inputs, outputs = [], []
    for number, layer in layers.items():
        if layer.kind == "Parameter":
            inputs.append(_taken_in(sketch, number, layer, picture))
        elif layer.kind == "Result":
            name = _outer_name(layers[layer.inputs[0]])
            named_output(sketch, sketch.read(layer), name)
            outputs.append(Port(name, layer.input_shapes[0]))
        else:
            _draw(sketch, number, layer)
    return framed(sketch, inputs, outputs)


def _taken_in(sketch: Sketch, number: int, layer: Layer, picture: Picture | None) -> Port:
    name, shape = _outer_name(layer), layer.output_shape
    if picture is None or len(shape) != IMAGE_RANK:
        sketch.names[number] = name
        return Port(name, shape)
    sketch.names[number] = from_bytes(sketch, name, picture)
    batch, channels, height, width = shape
    return Port(name, (batch, height, width, channels), onnx.TensorProto.UINT8)


def _draw(sketch: Sketch, number: int, layer: Layer) -> None:
    if layer.constant is not None:
        sketch.values[number] = layer.constant
    elif layer.kind == "Convert" and sketch.is_known(layer):
        sketch.values[number] = sketch.known(layer, 0)
    elif layer.kind in _FOLDED and sketch.is_known(layer):
        fold = _FOLDED[layer.kind]
        sketch.values[number] = fold(sketch.known(layer, 0), sketch.known(layer, 1))
    elif layer.kind in KNOWN:
        sketch.names[number] = KNOWN[layer.kind](sketch, layer)
    else:
        raise Misconfigured(f"the converter does not know layer {layer.name} of type {layer.kind}")


def _outer_name(layer: Layer) -> str:
    return layer.name.replace("/", "_")

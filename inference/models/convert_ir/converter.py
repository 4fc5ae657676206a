"""Which layers are folded, and which are drawn?

What hangs on constants alone is computed here, by numpy: widened weights, sums of biases.
A layer without an entry is refused by name: a guess would be a wrong gaze.
"""

from collections.abc import Callable, Mapping

import numpy as np
from rapt.errors import Misconfigured

from inference.models.convert.frame import Port, framed, named_output
from inference.models.convert.sheet import Array
from inference.models.convert_ir.operators import KNOWN
from inference.models.convert_ir.reader import Layer, read_ir
from inference.models.convert_ir.sketch import Sketch

_FOLDED: Mapping[str, Callable[[Array, Array], Array]] = {
    "Add": np.add,
    "Multiply": np.multiply,
    "Subtract": np.subtract,
    "Divide": np.divide,
}


def convert_ir(xml: bytes, weights: bytes) -> bytes:
    """Turn an OpenVINO IR into an ONNX file.

    Args:
        xml: the graph.
        weights: the `.bin` file beside it.

    Raises:
        Misconfigured: the IR is damaged, or has a layer that is unknown; the message names it.
    """
    layers = read_ir(xml, weights)
    sketch = Sketch(layers)
    inputs, outputs = [], []
    for number, layer in layers.items():
        if layer.kind == "Parameter":
            sketch.names[number] = _outer_name(layer)
            inputs.append(Port(_outer_name(layer), layer.output_shape))
        elif layer.kind == "Result":
            name = _outer_name(layers[layer.inputs[0]])
            named_output(sketch, sketch.read(layer), name)
            outputs.append(Port(name, layer.input_shapes[0]))
        else:
            _draw(sketch, number, layer)
    return framed(sketch, inputs, outputs)


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

"""The ONNX graph of an IR while it is being drawn: which layer stands under which name?"""

from collections.abc import Mapping

import numpy as np
from rapt.errors import Misconfigured

from inference.models.convert.sheet import Array, Sheet
from inference.models.convert_ir.reader import Layer


class Sketch(Sheet):
    """Layers are known by id: constant ones by value, all others by the name of their value.

    Args:
        layers: the graph that is drawn; every layer stands after those that it needs.
    """

    def __init__(self, layers: Mapping[int, Layer]) -> None:
        super().__init__()
        self.layers = layers
        self.values: dict[int, Array] = {}
        self.names: dict[int, str] = {}

    def is_known(self, layer: Layer) -> bool:
        """Say whether everything that enters the layer is constant."""
        return bool(layer.inputs) and all(source in self.values for source in layer.inputs)

    def read(self, layer: Layer, port: int = 0) -> str:
        """Return the name of what enters the layer at that port."""
        source = layer.inputs[port]
        if source in self.values:
            return self.constant(_widened(self.values[source]))
        return self.names[source]

    def known(self, layer: Layer, port: int) -> Array:
        """Return the constant that enters the layer at that port; float16 is widened, exactly.

        Raises:
            Misconfigured: it is computed at run time.
        """
        value = self.values.get(layer.inputs[port])
        if value is None:
            raise Misconfigured(f"the converter needs a constant at port {port} of {layer.name}")
        return _widened(value)

    def known_ints(self, layer: Layer, port: int) -> list[int]:
        """Return a constant that lists whole numbers: axes, bounds, shapes."""
        return [int(value) for value in self.known(layer, port).ravel()]


def _widened(value: Array) -> Array:
    return value.astype(np.float32) if value.dtype == np.float16 else value

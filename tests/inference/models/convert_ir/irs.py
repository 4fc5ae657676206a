"""Small OpenVINO IRs made by the tests."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES = {"float32": "f32", "float16": "f16", "int64": "i64"}


class Ir:
    """One IR while it is being made; layers are known by number."""

    def __init__(self) -> None:
        self.root = ET.Element("net", name="test", version="11")
        self.layers = ET.SubElement(self.root, "layers")
        self.edges = ET.SubElement(self.root, "edges")
        self.weights = b""

    def parameter(self, name: str, *shape: int) -> int:
        """Add an input."""
        return self.layer("Parameter", [], shape, name=name)

    def constant(self, values: npt.NDArray[Any]) -> int:
        """Add a value that stands in the weights."""
        number = self.layer(
            "Const",
            [],
            values.shape,
            element_type=_TYPES[values.dtype.name],
            shape=", ".join(map(str, values.shape)),
            offset=str(len(self.weights)),
            size=str(values.nbytes),
        )
        self.weights += values.tobytes()
        return number

    def ints(self, *values: int) -> int:
        """Add a vector of whole numbers."""
        return self.constant(np.array(values, np.int64))

    def layer(
        self,
        kind: str,
        inputs: Sequence[int],
        out: Sequence[int],
        /,
        *,
        name: str | None = None,
        **settings: str,
    ) -> int:
        """Add a layer behind others; its output has the shape `out`."""
        number = len(self.layers)
        layer = ET.SubElement(
            self.layers, "layer", id=str(number), name=name or f"{kind}_{number}", type=kind
        )
        ET.SubElement(layer, "data", settings)
        entrance = ET.SubElement(layer, "input")
        for port, source in enumerate(inputs):
            self._port(entrance, port, self.shape(source))
            edge = {"from-layer": source, "from-port": self._exit(source)}
            edge |= {"to-layer": number, "to-port": port}
            ET.SubElement(self.edges, "edge", {key: str(value) for key, value in edge.items()})
        if kind != "Result":
            self._port(ET.SubElement(layer, "output"), len(inputs), out)
        return number

    def finish(self, result: int) -> tuple[bytes, bytes]:
        """Return graph and weights of an IR that answers with that layer."""
        self.layer("Result", [result], ())
        return ET.tostring(self.root), self.weights

    def shape(self, number: int) -> tuple[int, ...]:
        """Return the shape of a layer's output."""
        port = self.layers[number].find("output/port")
        assert port is not None
        return tuple(int(dim.text or "") for dim in port)

    def _exit(self, number: int) -> str:
        port = self.layers[number].find("output/port")
        assert port is not None
        return port.attrib["id"]

    @staticmethod
    def _port(parent: ET.Element, number: int, shape: Sequence[int]) -> None:
        port = ET.SubElement(parent, "port", id=str(number))
        for size in shape:
            ET.SubElement(port, "dim").text = str(size)

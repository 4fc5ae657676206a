"""What does an OpenVINO IR say? Its layers, in an order in which they can be computed.

An IR is two files. The XML names layers, the ports through which values enter and leave them, and
the edges between ports. The .bin holds the constants one after the other; each `Const` layer says
offset, size and number type. Traps of the format:
1. Layers stand in any order in the file: only the edges say what comes first.
2. The first dimension of a shape is written 1 where it means the batch.
"""

import graphlib
import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rapt.errors import Misconfigured

from inference.models.convert.sheet import Array

VERSION = "11"

_DTYPES = {
    "f32": np.float32,
    "f16": np.float16,
    "i64": np.int64,
    "i32": np.int32,
    "u64": np.uint64,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the graph; its first output is the only one that anybody reads."""

    name: str
    kind: str
    """The layer's type, like "Convolution"."""
    settings: Mapping[str, str]
    """The attributes of its `data` element, as text."""
    inputs: tuple[int, ...]
    """Ids of the layers whose output enters here, in the order of the ports."""
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    """Shape of its first output; empty for a `Result`."""
    constant: Array | None
    """What a `Const` holds."""

    def ints(self, setting: str) -> list[int]:
        """Read a setting that lists whole numbers; an absent or empty one lists none."""
        return [int(part) for part in self.settings.get(setting, "").split(",") if part.strip()]

    def is_set(self, setting: str) -> bool:
        """Read a setting that is true or false."""
        return self.settings.get(setting, "false").lower() in {"true", "1"}


def read_ir(xml: bytes, weights: bytes) -> dict[int, Layer]:
    """Read an IR; every layer comes after those that it needs.

    Raises:
        Misconfigured: it is no IR of version 11, an edge leads nowhere or in a circle, or a
            constant does not fit.
    """
    root = _root(xml)
    elements = {int(element.attrib["id"]): element for element in root.iterfind("layers/layer")}
    edges = _edges(root, elements)
    layers = {i: _layer(element, edges, weights) for i, element in elements.items()}
    sorter = graphlib.TopologicalSorter({i: layer.inputs for i, layer in layers.items()})
    try:
        return {i: layers[i] for i in sorter.static_order()}
    except graphlib.CycleError as error:
        raise Misconfigured("the layers of this IR wait for each other in a circle") from error


def _root(xml: bytes) -> ET.Element:
    try:
        root = ET.fromstring(xml)  # noqa: S314 - its sha256 was checked when it was fetched
    except ET.ParseError as error:
        raise Misconfigured(f"this is not an OpenVINO IR: {error}") from error
    if root.tag != "net" or root.attrib.get("version") != VERSION:
        raise Misconfigured(f"this is not an OpenVINO IR of version {VERSION}")
    return root


def _edges(root: ET.Element, elements: Mapping[int, ET.Element]) -> dict[tuple[int, str], int]:
    """(layer, port) that a value enters, to the layer that it comes from."""
    edges: dict[tuple[int, str], int] = {}
    for edge in root.iterfind("edges/edge"):
        source = int(edge.attrib["from-layer"])
        first = elements[source].find("output/port") if source in elements else None
        if first is None or first.attrib["id"] != edge.attrib["from-port"]:
            raise Misconfigured(
                f"layer {edge.attrib['to-layer']} reads port {edge.attrib['from-port']} of layer "
                f"{source}, which is not the first output of any layer"
            )
        edges[int(edge.attrib["to-layer"]), edge.attrib["to-port"]] = source
    return edges


def _layer(element: ET.Element, edges: Mapping[tuple[int, str], int], weights: bytes) -> Layer:
    data = element.find("data")
    settings = dict(data.attrib) if data is not None else {}
    name, kind = element.attrib["name"], element.attrib["type"]
    sources, shapes = [], []
    for port in element.iterfind("input/port"):
        end = int(element.attrib["id"]), port.attrib["id"]
        if end not in edges:
            raise Misconfigured(f"nothing enters port {port.attrib['id']} of layer {name}")
        sources.append(edges[end])
        shapes.append(_shape(port))
    outputs = [_shape(port) for port in element.iterfind("output/port")]
    constant = _constant(name, settings, weights) if kind == "Const" else None
    return Layer(
        name=name,
        kind=kind,
        settings=settings,
        inputs=tuple(sources),
        input_shapes=tuple(shapes),
        output_shape=outputs[0] if outputs else (),
        constant=constant,
    )


def _shape(port: ET.Element) -> tuple[int, ...]:
    return tuple(int(dim.text or "") for dim in port.iterfind("dim"))


def _constant(name: str, settings: Mapping[str, str], weights: bytes) -> Array:
    kind = settings["element_type"]
    if kind not in _DTYPES:
        raise Misconfigured(f"constant {name} has number type {kind}, which is unknown")
    dtype = np.dtype(_DTYPES[kind])
    start, size_bytes = int(settings["offset"]), int(settings["size"])
    shape = [int(part) for part in settings["shape"].split(",") if part.strip()]
    stored = weights[start : start + size_bytes]
    if not size_bytes == len(stored) == math.prod(shape) * dtype.itemsize:
        raise Misconfigured(f"constant {name} does not lie within the weights")
    values: Array = np.frombuffer(stored, dtype)
    return values.reshape(shape)

"""How does each model come out of the files that it is made of?"""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from rapt.errors import Misconfigured

from inference.models.adopt import adopt
from inference.models.canonical import derive_canonical_face
from inference.models.convert.converter import convert
from inference.models.convert_ir.converter import convert_ir
from inference.models.derive import derive_reference_face
from inference.models.manifest import Model


def made(model: Model, inputs: Sequence[Path]) -> bytes:
    """Return the bytes of a model.

    Args:
        model: what the manifest says about it.
        inputs: what it is made of, in the manifest's order.

    Raises:
        Misconfigured: an input holds something that we cannot turn into this model.
    """
    try:
        match model.kind:
            case "tflite":
                data = _first(model, inputs)
                return convert(data, variant=model.variant, picture=model.picture)
            case "openvino":
                xml, weights = (path.read_bytes() for path in inputs)
                return convert_ir(xml, weights, picture=model.picture)
            case "onnx":
                return _adopted(model, inputs[0].read_bytes())
            case "derived":
                return _derived(model, inputs)
    except Misconfigured as error:
        raise Misconfigured(f"{inputs[0].name}: {error}") from error


def _adopted(model: Model, data: bytes) -> bytes:
    """Somebody else's ONNX file: as it is, or with our frame around it."""
    if not model.output:
        return data
    if model.picture is None:
        raise Misconfigured("the manifest does not say what its pictures are")
    return adopt(data, output=model.output, picture=model.picture, variant=model.variant)


def _derived(model: Model, inputs: Sequence[Path]) -> bytes:
    if model.name == "reference_face":
        detector, mesh, *portraits = inputs
        return derive_reference_face(detector, mesh, portraits)
    if model.name == "canonical_face":
        return derive_canonical_face(_first(model, inputs), inputs[1])
    raise Misconfigured(f"nothing is known about how {model.name} is derived")


def _first(model: Model, inputs: Sequence[Path]) -> bytes:
    """Bytes of the first input, or of the wanted file in it."""
    if not model.member:
        return inputs[0].read_bytes()
    try:
        with zipfile.ZipFile(inputs[0]) as archive:
            return archive.read(model.member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise Misconfigured(f"it has no member {model.member}") from error

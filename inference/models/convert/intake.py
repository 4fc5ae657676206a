"""How do bytes of a picture become what a network was trained on? The first nodes of a graph.

Bytes are a quarter of what floats would take on the way to a GPU. They are turned to NCHW while
they still are bytes, for the same reason. On a processor the caller does that, and quicker.
"""

import onnx

from inference.models.convert.sheet import Sheet
from inference.models.manifest import Picture


def from_bytes(sheet: Sheet, name: str, picture: Picture) -> str:
    """Draw the way from RGB bytes (N, H, W, 3) to what the network wants (N, 3, H, W)."""
    planes = sheet.node("Transpose", name, perm=(0, 3, 1, 2))
    return scaled(sheet, widened(sheet, planes, picture), picture)


def widened(sheet: Sheet, planes: str, picture: Picture) -> str:
    """Draw the way from RGB bytes (N, 3, H, W) to floats 0..255 in the network's order."""
    value = sheet.node("Cast", planes, to=onnx.TensorProto.FLOAT)
    if picture.order == "bgr":
        value = sheet.node("Gather", value, sheet.ints(2, 1, 0), axis=1)
    return value


def scaled(sheet: Sheet, value: str, picture: Picture) -> str:
    """Draw scale and offset of values in 0..255."""
    if picture.scale != 1:
        value = sheet.node("Mul", value, sheet.number(picture.scale))
    if picture.offset:
        value = sheet.node("Add", value, sheet.number(picture.offset))
    return value

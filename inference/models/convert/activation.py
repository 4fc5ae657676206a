"""Which activations may ride on another operator?"""

import tflite  # type: ignore[import-untyped]  # generated schema without annotations
from rapt.errors import Misconfigured

from inference.models.convert.layout import Drawing

_KIND = tflite.ActivationFunctionType


def activated(drawing: Drawing, name: str, kind: int) -> str:
    """Draw the fused activation behind a value.

    Raises:
        Misconfigured: it is not none, relu or relu6.
    """
    if kind == _KIND.NONE:
        return name
    if kind == _KIND.RELU:
        return drawing.node("Relu", name)
    if kind == _KIND.RELU6:
        return drawing.node("Clip", name, drawing.number(0), drawing.number(6))
    raise Misconfigured(f"the converter does not know fused activation number {kind}")

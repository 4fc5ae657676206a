"""Which points the finer outputs replace."""

from inference.models import landmarks
from inference.models.convert.flatbuffer import read_graph
from inference.models.folder import ModelFolder


def test_the_lists_are_those_of_the_graph(models: ModelFolder) -> None:
    """Its operators lay boxes around lips, eye at the image left, eye at the image right."""
    data = models.source("face_landmark_with_attention").read_bytes()
    boxes = [
        tuple(operator.custom_options()["subset_idxs"])
        for operator in read_graph(data).operators
        if operator.kind == "Landmarks2TransformMatrix"
    ]
    assert boxes == [landmarks.LIPS, landmarks.RIGHT_EYE, landmarks.LEFT_EYE]

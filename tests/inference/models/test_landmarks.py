"""Which points the finer outputs replace."""

import pytest

from inference.models import landmarks
from inference.models.convert.flatbuffer import read_graph
from inference.models.folder import ModelFolder
from inference.perception import points


def test_the_lists_are_those_of_the_graph(models: ModelFolder) -> None:
    """Its operators lay boxes around lips, eye at the image left, eye at the image right."""
    data = models.source("face_landmark_with_attention").read_bytes()
    boxes = [
        tuple(operator.custom_options()["subset_idxs"])
        for operator in read_graph(data).operators
        if operator.kind == "Landmarks2TransformMatrix"
    ]
    assert boxes == [landmarks.LIPS, landmarks.RIGHT_EYE, landmarks.LEFT_EYE]


@pytest.mark.parametrize("name", ["LIPS", "RIGHT_EYE", "LEFT_EYE"])
def test_frames_are_read_with_the_same_lists(name: str) -> None:
    """The pipeline that serves frames and the reference face mean the same points."""
    assert tuple(getattr(points, name).tolist()) == getattr(landmarks, name)

"""The same landmarks as MediaPipe's own face mesh, from the picture on.

The golden numbers are thousandths of a pixel, x and y of 478 points, that MediaPipe 0.10.21 finds
with refined landmarks when it is shown the decoded portrait twice: after a detection the mesh looks
a second time. `./rapt bench parity` compares more pictures, and following, against the program.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.perception import points
from inference.perception.decode import Picture
from inference.perception.look import Look
from inference.perception.pipeline import Pipeline
from tests.inference.perception.puppet import F32, U8

GOLDEN = Path(__file__).with_name("mediapipe_landmarks.json")
MAX_PCT = 0.2
"""Of the distance of the outer eye corners."""


def golden(name: str) -> F32:
    """(478, 2) pixels."""
    rows = json.loads(GOLDEN.read_text())[name]
    thousandths = np.array(rows, np.float32).reshape(points.ALL_POINTS, 2)
    return thousandths / np.float32(1000)


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_every_landmark_is_where_mediapipe_finds_it(
    name: str, pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """Within 0.2 percent of the eye distance, irises included."""
    picture = Picture.of(portraits[name])
    [face] = pipeline._follower.follow([picture], [Look(b"")])
    assert face is not None
    truth = golden(name)
    eyes = np.linalg.norm(truth[points.LEFT_OUTER] - truth[points.RIGHT_OUTER])
    apart_pct = 100 * np.linalg.norm(face.mesh.landmarks[:, :2] - truth, axis=1) / eyes
    assert np.median(apart_pct) < MAX_PCT / 8
    assert apart_pct.max() < MAX_PCT

"""Where are faces in a picture that nobody has looked at before?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.crop import MARGIN
from inference.perception.decode import Picture
from inference.perception.detect import (
    FULL_RANGE,
    MAX_FACES,
    SHORT_RANGE,
    Detector,
    decode_rows,
)
from inference.perception.pipeline import Pipeline
from tests.inference.perception.puppet import F32, U8


@pytest.fixture
def detector(pipeline: Pipeline) -> Detector:
    """The loaded detector."""
    assert isinstance(pipeline._follower._finder, Detector)
    return pipeline._follower._finder


ANCHORS = SHORT_RANGE.anchors


def rows_of(boxes: list[tuple[int, float, float, float, float]]) -> F32:
    """Network rows that say (anchor, centre x, centre y, width, height), all in input pixels."""
    rows = np.zeros((896, 16), np.float32)
    for anchor, x, y, wide, high in boxes:
        rows[anchor, :4] = x - ANCHORS[anchor, 0], y - ANCHORS[anchor, 1], wide, high
    return rows


def test_anchors_are_cell_centres_of_two_grids() -> None:
    """512 of the fine grid, then 384 of the coarse one, inside the input."""
    assert ANCHORS.shape == (896, 2)
    assert ANCHORS[:2].tolist() == [[4, 4], [4, 4]]
    assert ANCHORS[512].tolist() == [8, 8]
    assert ANCHORS[-1].tolist() == [120, 120]


def test_anchors_of_the_full_range_are_one_fine_grid() -> None:
    """2304 cells of four pixels."""
    assert FULL_RANGE.anchors.shape == (2304, 2)
    assert FULL_RANGE.anchors[[0, 1, 48, -1]].tolist() == [[2, 2], [6, 2], [2, 6], [190, 190]]


@given(st.floats(0.5, 0.99), st.floats(0.5, 0.99), st.floats(-3, 3))
def test_overlapping_boxes_become_their_weighted_mean(one: float, two: float, by: float) -> None:
    """Two boxes of one face merge by score and keep the better score."""
    scores = np.zeros(896, np.float32)
    scores[[10, 700]] = one, two
    rows = rows_of([(10, 60, 60, 30, 30), (700, 60 + by, 60, 30, 30)])
    [face] = decode_rows(rows, scores)
    mean = 60 + by * two / (one + two)
    assert (face[0] + face[2]) / 2 == pytest.approx(mean, abs=1e-3)
    assert face[16] == pytest.approx(max(one, two))


def test_boxes_apart_stay_two_faces() -> None:
    """Faces side by side are not merged, the better one comes first."""
    scores = np.zeros(896, np.float32)
    scores[[10, 700]] = 0.6, 0.9
    faces = decode_rows(rows_of([(10, 30, 60, 20, 20), (700, 90, 60, 20, 20)]), scores)
    assert faces[:, 16] == pytest.approx([0.9, 0.6])


def test_low_scores_are_no_faces() -> None:
    """Below one half nothing is said."""
    assert decode_rows(rows_of([]), np.full(896, 0.49, np.float32)).shape == (0, 17)


def test_face_of_a_portrait_is_where_it_is(detector: Detector, portraits: dict[str, U8]) -> None:
    """Both portraits have their face in the right place; a grey wall has none."""
    wall = np.full((240, 320, 3), 128, np.uint8)
    pictures = [Picture.of(p) for p in (*portraits.values(), wall)]
    astronaut, hopper, nobody = detector.regions(pictures)
    assert astronaut[0, :2] == pytest.approx([225, 124], abs=12)
    assert hopper[0, :2] == pytest.approx([262, 230], abs=15)
    assert astronaut[0, 2] / MARGIN == pytest.approx(100, rel=0.25)
    assert len(nobody) == 0


def test_faces_come_largest_first_and_not_too_many(
    detector: Detector, portraits: dict[str, U8]
) -> None:
    """A crowd is cut to the largest few."""
    face = portraits["astronaut"][20:220, 120:320]
    row = np.hstack([face] * 3)
    crowd = np.vstack([row, row, row])
    [regions] = detector.regions([Picture.of(crowd)])
    assert 2 <= len(regions) <= MAX_FACES
    assert (np.diff(regions[:, 2]) <= 0).all()


def test_no_pictures_are_no_work(detector: Detector) -> None:
    """An empty batch is answered at once."""
    assert detector.regions([]) == []

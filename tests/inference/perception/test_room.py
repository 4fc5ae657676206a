"""Who is in the picture of a room camera?"""

from collections.abc import Mapping

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.models.folder import ModelFolder
from inference.perception.decode import Picture
from inference.perception.detect import MAX_ROOM_FACES, Detector
from inference.perception.look import Look, Seen, Wants
from inference.perception.networks import CPU_PROVIDER
from inference.perception.pipeline import Pipeline
from inference.perception.quality import MIN_HEAD_PX
from inference.perception.room import (
    MARGIN,
    STRIDES,
    WIDTH_PX,
    YuNet,
    decode_cells,
    open_room_finder,
    padded_height,
    to_planes,
    to_regions,
)
from inference.perception.rows import Opener
from tests.inference.perception.puppet import F32, U8, Puppet, to_jpeg

HEIGHT_PX = 192
ROOM = Wants(room=True)


def nobody() -> dict[str, F32]:
    """Cells of an empty picture."""
    outputs = {}
    for stride in STRIDES:
        cells = (HEIGHT_PX // stride) * (WIDTH_PX // stride)
        for name, values in (("cls", 1), ("obj", 1), ("bbox", 4)):
            outputs[f"{name}_{stride}"] = np.zeros((cells, values), np.float32)
    return outputs


def somebody(
    outputs: Mapping[str, F32], stride: int, cell: tuple[int, int], size_px: float, score: float
) -> None:
    """Put a face of that size into the middle of a cell (column, row)."""
    row = cell[1] * (WIDTH_PX // stride) + cell[0]
    outputs[f"cls_{stride}"][row] = outputs[f"obj_{stride}"][row] = score
    size = np.log(size_px / stride)
    outputs[f"bbox_{stride}"][row] = [0.5, 0.5, size, size]


@given(
    st.sampled_from(STRIDES),
    st.integers(0, 9),
    st.integers(0, 5),
    st.floats(8, 90),
    st.floats(-1, 1),
)
def test_cells_say_where_faces_are(
    stride: int, column: int, row: int, size_px: float, extra: float
) -> None:
    """The centre is the cell's and the size is the exponential, in pixels of the input."""
    outputs = nobody()
    somebody(outputs, stride, (column, row), size_px, 0.7 + 0.2 * extra**2)
    [box] = decode_cells(outputs)
    centre = np.array([column + 0.5, row + 0.5]) * stride
    assert (box[:2] + box[2:]) / 2 == pytest.approx(centre, abs=1e-3)
    assert box[2:] - box[:2] == pytest.approx([size_px, size_px], rel=1e-4)


def test_unlikely_cells_are_no_faces() -> None:
    """The score is the root of class times object."""
    outputs = nobody()
    somebody(outputs, 8, (3, 3), 20, 0.59)
    assert decode_cells(outputs).shape == (0, 4)
    somebody(outputs, 8, (9, 3), 20, 0.5)
    outputs["cls_8"][3 * 40 + 9] = 1.0
    assert len(decode_cells(outputs)) == 1


def test_boxes_of_one_face_become_the_best() -> None:
    """Two strides see one face, and a neighbour stays."""
    outputs = nobody()
    somebody(outputs, 16, (4, 4), 40, 0.9)
    somebody(outputs, 8, (9, 9), 38, 0.7)
    somebody(outputs, 16, (12, 4), 40, 0.8)
    boxes = decode_cells(outputs)
    assert (boxes[:, 0] + boxes[:, 2]) / 2 == pytest.approx([4.5 * 16, 12.5 * 16])


def test_regions_are_upright_squares_largest_first() -> None:
    """A region is a fifth wider than the longer side; a class fits, more do not."""
    boxes = np.array([[0, 0, 10, 20], [100, 50, 140, 60]], np.float32)
    assert to_regions(boxes).tolist() == [
        pytest.approx([120, 55, 40 * MARGIN, 0]),
        pytest.approx([5, 10, 20 * MARGIN, 0]),
    ]
    many = np.tile(boxes[:1], (MAX_ROOM_FACES + 5, 1))
    assert len(to_regions(many)) == MAX_ROOM_FACES
    assert to_regions(boxes[:0]).shape == (0, 4)


@given(st.integers(64, 1280), st.integers(64, 1280))
def test_any_picture_fits_its_input(width: int, height: int) -> None:
    """Height is a multiple of 32, holds the picture, and is empty below it."""
    pixels = np.full((height, width, 3), (10, 20, 30), np.uint8)
    picture = Picture.of(pixels)
    padded = padded_height(picture)
    assert padded % STRIDES[-1] == 0
    planes = to_planes(picture.pixels, padded)
    assert planes.shape == (3, padded, WIDTH_PX)
    rows = max(round(height * WIDTH_PX / width), 1)
    assert planes[:, 0, 0].tolist() == [30, 20, 10]
    assert (planes[0, :rows] == 30).all()
    assert (planes[:, rows:] == 0).all()


def room_of(puppets: Mapping[str, Puppet], faces_px: int = 150) -> U8:
    """A frame 1280 by 720 with both faces so wide, turned to its middle."""
    room = np.full((720, 1280, 3), 128, np.uint8)
    for column, puppet in enumerate(puppets.values()):
        view = puppet.view(yaw_deg=20 if column else -20)
        low, high = puppet.landmarks[:468].min(axis=0), puppet.landmarks[:468].max(axis=0)
        face = view[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])]
        scale = faces_px / face.shape[1]
        small = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y = 300 + 600 * column, 300
        room[y : y + small.shape[0], x : x + small.shape[1]] = small
    return room


@pytest.fixture(params=["full range", "yunet"])
def finder(request: pytest.FixtureRequest, pipeline: Pipeline) -> Pipeline:
    """A pipeline with either detector."""
    if request.param == "full range":
        return pipeline
    found: Pipeline = request.getfixturevalue("full_pipeline")
    return found


def test_everyone_in_a_room_is_measured(finder: Pipeline, puppets: dict[str, Puppet]) -> None:
    """Two people: where each is, which way each head is turned, and nothing of eyes."""
    [seen] = finder.observe([Look(to_jpeg(room_of(puppets)), wants=ROOM)])
    assert isinstance(seen, Seen)
    observation = seen.observation
    assert observation.faces == len(observation.room) == 2
    left, right = sorted(observation.room, key=lambda face: face.face_box[0])
    assert left.face_box[0] == pytest.approx(300 / 1280, abs=0.02)
    assert right.face_box[0] == pytest.approx(900 / 1280, abs=0.02)
    assert left.head_yaw_rad is not None
    assert right.head_yaw_rad is not None
    assert left.head_yaw_rad < -0.1 < 0.1 < right.head_yaw_rad
    assert left.track != right.track
    nothing = (observation.gaze_yaw_rad, observation.eye_aspect_ratio, observation.head_yaw_rad)
    assert nothing == (None, None, None)
    assert (observation.eyes_closed_probability, observation.movements) == (None, None)


def test_numbers_stay_while_people_do(finder: Pipeline, puppets: dict[str, Puppet]) -> None:
    """From frame to frame each face keeps its number."""
    image = to_jpeg(room_of(puppets))
    [first] = finder.observe([Look(image, wants=ROOM)])
    assert isinstance(first, Seen)
    [second] = finder.observe([Look(image, first.track, ROOM)])
    assert isinstance(second, Seen)
    numbers = [{face.track for face in seen.observation.room} for seen in (first, second)]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) == 2


def test_small_faces_are_present_and_no_more(
    full_pipeline: Pipeline, portraits: dict[str, U8]
) -> None:
    """Far from the camera people are counted; a head that is too small is not measured."""
    room = np.full((720, 1280, 3), 128, np.uint8)
    for column, photo in enumerate(portraits.values()):
        small = cv2.resize(photo, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
        high, wide = small.shape[:2]
        room[250 : 250 + high, 200 + 600 * column : 200 + 600 * column + wide] = small
    [seen] = full_pipeline.observe([Look(to_jpeg(room), wants=ROOM)])
    assert isinstance(seen, Seen)
    near, far = seen.observation.room
    assert near.head_yaw_rad is not None
    assert (far.head_yaw_rad, far.head_pitch_rad, far.head_roll_rad) == (None, None, None)
    assert far.eye_distance_px < 2 * MIN_HEAD_PX


def test_an_empty_room_is_empty(finder: Pipeline) -> None:
    """Nobody is nobody."""
    [seen] = finder.observe([Look(to_jpeg(np.full((720, 1280, 3), 128, np.uint8)), wants=ROOM)])
    assert isinstance(seen, Seen)
    assert (seen.observation.faces, seen.observation.room, seen.track) == (0, (), None)


def test_rooms_and_webcams_share_a_batch(finder: Pipeline, puppets: dict[str, Puppet]) -> None:
    """Each is measured as if alone."""
    room = Look(to_jpeg(room_of(puppets)), wants=ROOM)
    face = Look(to_jpeg(puppets["astronaut"].view(yaw_deg=10)))
    together = finder.observe([room, face, room])
    [alone] = finder.observe([face])
    assert isinstance(alone, Seen)
    assert all(isinstance(seen, Seen) for seen in together)
    counts = [len(seen.observation.room) for seen in together if isinstance(seen, Seen)]
    assert counts == [2, 0, 2]
    assert isinstance(together[1], Seen)
    assert together[1].observation.head_yaw_rad == pytest.approx(
        alone.observation.head_yaw_rad, abs=1e-4
    )


def test_the_best_finder_is_opened(folder: ModelFolder, full_models: ModelFolder) -> None:
    """YuNet where it is built, BlazeFace of the full range everywhere."""
    assert isinstance(open_room_finder(Opener(full_models, CPU_PROVIDER)), YuNet)
    if not folder.has("room_detector"):
        assert isinstance(open_room_finder(Opener(folder, CPU_PROVIDER)), Detector)

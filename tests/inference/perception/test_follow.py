"""Where are the faces now?"""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from inference.perception.decode import Picture
from inference.perception.detect import Detector
from inference.perception.follow import Follower
from inference.perception.look import Look, Wants
from inference.perception.mesh import FaceCrop, FaceMeshes, Mesh
from inference.perception.pipeline import Pipeline
from inference.perception.track import Followed, Track
from tests.inference.perception.puppet import F32, U8, Puppet


class CountingDetector(Detector):
    """A detector that says how many pictures it was given."""

    def __init__(self, inner: Detector) -> None:
        super().__init__(inner._network)
        self.pictures = 0

    def regions(self, pictures: list[Picture]) -> list[F32]:
        """Count, then detect."""
        self.pictures += len(pictures)
        return super().regions(pictures)


class CountingMesh(Mesh):
    """A mesh that says how many regions it was given."""

    def __init__(self, inner: Mesh) -> None:
        super().__init__(inner._network)
        self.regions = 0

    def run(self, crops: Sequence[FaceCrop]) -> FaceMeshes:
        """Count, then measure."""
        self.regions += len(crops)
        return super().run(crops)


@pytest.fixture
def detector(pipeline: Pipeline) -> CountingDetector:
    """A counting detector over the loaded network."""
    finder = pipeline._follower._finder
    assert isinstance(finder, Detector)
    return CountingDetector(finder)


@pytest.fixture
def mesh(pipeline: Pipeline) -> CountingMesh:
    """A counting mesh over the loaded network."""
    return CountingMesh(pipeline._follower._mesh)


@pytest.fixture
def follower(detector: CountingDetector, mesh: CountingMesh) -> Follower:
    """A follower whose work can be counted."""
    return Follower(detector, mesh)


def whole(pixels: U8) -> Picture:
    """A picture that was sent as it is."""
    return Picture.of(pixels)


def moved(portrait: U8, x: float, y: float, scale: float = 1.0) -> Picture:
    """A portrait carried over a 640x480 frame."""
    matrix = np.array([[scale, 0, x], [0, scale, y]], np.float32)
    frame = cv2.warpAffine(portrait, matrix, (640, 480), borderValue=(128, 128, 128))
    return whole(np.asarray(frame, np.uint8))


def after(track: Track | None = None, *, at_s: float = 0.0) -> Look:
    """A look at a frame that came so long after the stream's first."""
    return Look(b"", track, at_s=at_s)


def found(answer: Followed | None) -> Followed:
    """A face that must be there."""
    assert answer is not None
    return answer


def test_steady_face_costs_one_mesh_and_no_detection(
    follower: Follower, detector: CountingDetector, mesh: CountingMesh, portraits: dict[str, U8]
) -> None:
    """Two passes after the detection, then one a frame."""
    picture = moved(portraits["grace_hopper"], 50, 0, 0.8)
    first = found(follower.follow([picture], [after()])[0])
    assert (detector.pictures, mesh.regions) == (1, 2)
    second = found(follower.follow([picture], [after(first.track(640))])[0])
    assert (detector.pictures, mesh.regions) == (1, 3)
    assert second.region == pytest.approx(first.region, rel=0.05, abs=2)


def test_moving_face_is_measured_twice(
    follower: Follower, mesh: CountingMesh, portraits: dict[str, U8]
) -> None:
    """A face that moved by a fifth of its region is followed without a detection."""
    one = moved(portraits["grace_hopper"], 50, 0, 0.8)
    other = moved(portraits["grace_hopper"], 90, 10, 0.8)
    track = found(follower.follow([one], [after()])[0]).track(640)
    before = mesh.regions
    follows = found(follower.follow([other], [after(track)])[0])
    assert mesh.regions == before + 2
    fresh = found(follower.follow([other], [after()])[0])
    apart = np.linalg.norm(follows.mesh.landmarks - fresh.mesh.landmarks, axis=1).mean()
    assert apart < 0.03 * fresh.region[2]


def test_lost_face_is_searched_on_the_same_frame(
    follower: Follower, portraits: dict[str, U8]
) -> None:
    """A face that jumps across the picture is found at once; one that left is None."""
    left = moved(portraits["astronaut"], -100, 0, 0.8)
    right = moved(portraits["astronaut"], 300, 150, 0.8)
    wall = whole(np.full((480, 640, 3), 128, np.uint8))
    track = found(follower.follow([left], [after()])[0]).track(640)
    jumped, gone = follower.follow([right, wall], [after(track), after(track)])
    assert found(jumped).region[0] > 400
    assert gone is None


def test_track_survives_another_frame_size(follower: Follower, portraits: dict[str, U8]) -> None:
    """Tracks are shares of the width, so that half the picture is the same place."""
    large = moved(portraits["astronaut"], 50, 0)
    small = whole(np.asarray(cv2.resize(large.pixels, (320, 240)), np.uint8))
    track = found(follower.follow([large], [after()])[0]).track(640)
    half = found(follower.follow([small], [after(track)])[0])
    assert half.number == track.student.number
    assert half.track(320).student.centre_x == pytest.approx(track.student.centre_x, abs=0.01)


def test_second_face_is_counted_within_a_look_around(
    follower: Follower, portraits: dict[str, U8]
) -> None:
    """Someone who joins is counted soon and does not become the student while smaller."""
    alone = moved(portraits["grace_hopper"], -100, 0, 0.8)
    joined = alone.pixels.copy()
    joined[200:400, 400:600] = portraits["astronaut"][20:220, 120:320]
    track: Track | None = found(follower.follow([alone], [after()])[0]).track(640)
    counts = []
    for at_s in (0.5, 1.0, 1.5, 2.0, 2.5):
        student = found(follower.follow([whole(joined)], [after(track, at_s=at_s)])[0])
        counts.append(student.faces)
        track = student.track(640)
        assert student.region[0] < 320
    assert counts == [1, 1, 1, 2, 2]


def test_largest_of_two_is_the_student(follower: Follower, portraits: dict[str, U8]) -> None:
    """Without a track the nearest face is taken, wherever it stands."""
    for side in (0, 1):
        frame = np.full((480, 640, 3), 128, np.uint8)
        near = cv2.resize(portraits["astronaut"][20:220, 120:320], (300, 300))
        far = cv2.resize(portraits["astronaut"][20:220, 120:320], (220, 220))
        frame[100:400, side * 340 : side * 340 + 300] = near
        frame[100:320, 380 - side * 340 : 600 - side * 340] = far
        student = found(follower.follow([whole(frame)], [after()])[0])
        assert student.faces == 2
        assert (student.region[0] > 320) == bool(side)


def test_streams_of_a_batch_do_not_mix(
    follower: Follower, portraits: dict[str, U8], puppets: dict[str, Puppet]
) -> None:
    """Tracked, new and empty frames in one batch each get their own answer."""
    hopper = moved(portraits["grace_hopper"], 50, 0, 0.8)
    astronaut = moved(portraits["astronaut"], 120, 30)
    wall = whole(np.full((240, 320, 3), 128, np.uint8))
    turned = whole(puppets["astronaut"].view(yaw_deg=25))
    track = found(follower.follow([hopper], [after()])[0]).track(640)
    together = follower.follow(
        [wall, hopper, astronaut, turned], [after(), after(track), after(), after()]
    )
    alone = [
        follower.follow([picture], [after(known)])[0]
        for picture, known in ((wall, None), (hopper, track), (astronaut, None), (turned, None))
    ]
    assert together[0] is None
    assert alone[0] is None
    for one, other in zip(together[1:], alone[1:], strict=True):
        assert found(one).mesh.landmarks == pytest.approx(found(other).mesh.landmarks, abs=0.02)


def crowd(portrait: U8, places: dict[tuple[int, int], int]) -> Picture:
    """Faces of one person at (x, y) in a 640x480 room, each so many pixels a side."""
    frame = np.full((480, 640, 3), 128, np.uint8)
    for (x, y), side in places.items():
        frame[y : y + side, x : x + side] = cv2.resize(portrait[20:220, 120:320], (side, side))
    return whole(frame)


IN_ROOM = Wants(room=True)
PLACES = {(5, 10): 240, (395, 5): 230, (200, 245): 225}


def test_everyone_in_a_room_is_followed_by_a_number(
    follower: Follower, mesh: CountingMesh, portraits: dict[str, U8]
) -> None:
    """Numbers stay with their faces while these move, and no detector is needed for that."""
    room = crowd(portraits["astronaut"], PLACES)
    first = found(follower.follow([room], [Look(b"", None, IN_ROOM, at_s=0.0)])[0])
    numbers = {first.number, *(other.number for other in first.others)}
    assert (first.faces, len(numbers)) == (3, 3)
    moved_on = crowd(portraits["astronaut"], {(x + 6, y + 4): s for (x, y), s in PLACES.items()})
    before = mesh.regions
    look = Look(b"", first.track(640), IN_ROOM, at_s=0.5)
    second = found(follower.follow([moved_on], [look])[0])
    assert mesh.regions - before == 3
    assert second.number == first.number
    assert {second.number, *(other.number for other in second.others)} == numbers
    places = {place.number: place for place in first.track(640).places}
    for face in (second, *second.others):
        assert face.place(640).centre_x == pytest.approx(places[face.number].centre_x, abs=0.03)


def test_who_leaves_a_room_is_forgotten_and_who_comes_is_new(
    follower: Follower, portraits: dict[str, U8]
) -> None:
    """The picture is searched at once when a face is missing, so that both show in one frame."""
    track = None
    counts, numbers = [], []
    left, right, low = PLACES
    for at_s, here in ((0.0, (left, right)), (0.5, (left, low)), (1.0, (left, low))):
        room = crowd(portraits["astronaut"], {place: PLACES[place] for place in here})
        student = found(follower.follow([room], [Look(b"", track, IN_ROOM, at_s=at_s)])[0])
        track = student.track(640)
        counts.append(student.faces)
        numbers.append([place.number for place in track.places])
    assert counts == [2, 2, 2]
    assert numbers[0][0] == numbers[1][0] == numbers[2][0]
    assert numbers[0][1] != numbers[1][1]
    assert numbers[1][1] == numbers[2][1]


def test_a_webcam_keeps_nobody_but_the_student(
    follower: Follower, portraits: dict[str, U8]
) -> None:
    """The others are counted; nothing of them stays."""
    room = crowd(portraits["astronaut"], PLACES)
    student = found(follower.follow([room], [after()])[0])
    assert student.faces == 3
    assert student.others == ()
    assert student.track(640).others == ()


def test_a_track_of_another_clock_is_searched_at_once(
    follower: Follower, detector: CountingDetector, portraits: dict[str, U8]
) -> None:
    """A session that moved to another worker brings times of the other machine."""
    picture = moved(portraits["grace_hopper"], 50, 0, 0.8)
    track = found(follower.follow([picture], [after(at_s=5000.0)])[0]).track(640)
    before = detector.pictures
    follower.follow([picture], [after(track, at_s=12.0)])
    assert detector.pictures == before + 1

"""Where are the faces now? Follows them from frame to frame, batched over streams.

1. A tracked face is meshed in the region of its last landmarks.
2. Without a track, or when the mesh says that a tracked face is none, the detector looks at this
   same frame; every `Wants.redetect_s` it looks also at tracked frames, so that others are noticed.
3. The mesh, not the detector, decides which of those are faces. The largest is the student.
4. A second mesh pass follows when the region moved, and always after a detection: at two frames a
   second that takes the worst landmark errors from 8.8 to 2.7 percent of the eye distance.

A webcam's others are counted; a room camera's are followed like the student, each by its number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.perception.crop import regions_from_landmarks
from inference.perception.decode import Picture
from inference.perception.detect import MAX_ROOM_FACES
from inference.perception.look import Look
from inference.perception.mesh import MIN_PROBABILITY, FaceCrop, FaceMesh, Mesh, cut_face
from inference.perception.track import Followed, Place, is_same, match, new_number

F32 = npt.NDArray[np.float32]

MOVED_SHARE = 0.05
"""A region whose centre moved by more of its side is measured again."""
RESIZED_SHARE = 0.10
LARGER_SHARE = 1.2
"""Another face must be so much larger to become the student while a track holds."""
MAX_FACES = MAX_ROOM_FACES


class Finder(Protocol):
    """Finds faces in pictures that nobody has looked at before."""

    def regions(self, pictures: list[Picture]) -> list[F32]:
        """Regions of the faces in each picture, (F, 4), largest first."""


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A face that the mesh confirmed in one picture."""

    picture: int
    number: int
    mesh: FaceMesh
    region: F32
    """(4,) that its landmarks make."""
    is_settled: bool
    """Whether that is nearly the region that it was measured in."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sought:
    """A region of a picture in which a face may be."""

    picture: int
    number: int
    crop: FaceCrop


class Follower:
    """Finds the faces in each picture of a batch.

    Args:
        finder: of near faces.
        mesh: decides what is a face.
        room_finder: of small faces, for room cameras; without it `finder` has to do.
    """

    def __init__(self, finder: Finder, mesh: Mesh, room_finder: Finder | None = None) -> None:
        self._finder = finder
        self._mesh = mesh
        self._room_finder = room_finder or finder

    def cut(self, picture: Picture, look: Look) -> tuple[FaceCrop, ...]:
        """Cut out where to look first, best right after decoding: the pixels are near then."""
        width_px = picture.pixels.shape[1]
        return tuple(cut_face(picture, place.region(width_px)) for place in _places(look))

    def follow(
        self,
        pictures: Sequence[Picture],
        looks: Sequence[Look],
        crops: Sequence[Sequence[FaceCrop]] | None = None,
    ) -> list[Followed | None]:
        """The student's face in each picture, None where there is no face.

        Args:
            pictures: what was decoded.
            looks: the look that each of them came with.
            crops: what was cut out of each; without them that is done now.
        """
        crops = crops or [self.cut(*pair) for pair in zip(pictures, looks, strict=True)]
        sought = [
            _Sought(index, place.number, crop)
            for index, (look, cuts) in enumerate(zip(looks, crops, strict=True))
            for place, crop in zip(_places(look), cuts, strict=True)
        ]
        faces = _by_picture(self._measure(sought), len(pictures))
        searched = [i for i, look in enumerate(looks) if _is_to_search(look, faces[i])]
        for face in self._search(pictures, looks, searched, faces):
            faces[face.picture].append(face)
        counts = [len(each) for each in faces]
        students = [_student(look, each) for look, each in zip(looks, faces, strict=True)]
        kept = [
            each if look.wants.room else [face for face in each if face is student]
            for look, each, student in zip(looks, faces, students, strict=True)
        ]
        settled = self._settle(pictures, kept)
        is_searched = set(searched)
        return [
            _followed(look, each, student, count, is_searched=index in is_searched)
            for index, (look, each, student, count) in enumerate(
                zip(looks, settled, students, counts, strict=True)
            )
        ]

    def _search(
        self,
        pictures: Sequence[Picture],
        looks: Sequence[Look],
        searched: list[int],
        known: list[list[_Face]],
    ) -> list[_Face]:
        """Faces that nobody follows yet in the pictures to be searched."""
        sought: list[tuple[int, int, F32]] = []
        for index, found in self._detect(pictures, looks, searched):
            regions = [
                region
                for region in found
                if not any(is_same(face.region, region) for face in known[index])
            ]
            lost = _lost(looks[index], known[index])
            width_px = pictures[index].pixels.shape[1]
            continued = match(regions, [place.region(width_px) for place in lost])
            for region, row in zip(regions, continued, strict=True):
                number = new_number() if row is None else lost[row].number
                sought.append((index, number, region))
        added: list[_Face] = []
        taken = [list(each) for each in known]
        for face in self._measure(self._cut(pictures, sought)):
            there = taken[face.picture]
            if len(there) < MAX_FACES and not any(is_same(o.region, face.region) for o in there):
                there.append(face)
                added.append(replace(face, is_settled=False))
        return added

    def _detect(
        self, pictures: Sequence[Picture], looks: Sequence[Look], searched: list[int]
    ) -> Iterable[tuple[int, F32]]:
        """Run the finder that each camera needs; the index of each picture and its regions."""
        for finder, wants_room in ((self._finder, False), (self._room_finder, True)):
            own = [index for index in searched if looks[index].wants.room == wants_room]
            yield from zip(own, finder.regions([pictures[i] for i in own]), strict=True)

    def _settle(self, pictures: Sequence[Picture], faces: list[list[_Face]]) -> list[list[_Face]]:
        """Measure those again whose region moved; one that is no face then is none."""
        moved = [face for each in faces for face in each if not face.is_settled]
        again = self._measure(
            self._cut(pictures, [(face.picture, face.number, face.region) for face in moved])
        )
        settled = _by_picture(again, len(pictures))
        for index, each in enumerate(faces):
            settled[index].extend(face for face in each if face.is_settled)
        return settled

    def _cut(
        self, pictures: Sequence[Picture], sought: Sequence[tuple[int, int, F32]]
    ) -> list[_Sought]:
        """Cut out regions that only the faces of this very picture told of."""
        crops = self._mesh.cut(
            [pictures[index] for index, _, _ in sought], [region for _, _, region in sought]
        )
        return [
            _Sought(index, number, crop)
            for (index, number, _), crop in zip(sought, crops, strict=True)
        ]

    def _measure(self, sought: Sequence[_Sought]) -> list[_Face]:
        """Mesh what was cut out; only those that are faces come back."""
        if not sought:
            return []
        used = np.stack([each.crop.region for each in sought])
        meshes = self._mesh.run([each.crop for each in sought])
        now = regions_from_landmarks(meshes.landmarks)
        moved = np.hypot(*(now[:, :2] - used[:, :2]).T) / used[:, 2]
        resized = np.abs(np.log(np.maximum(now[:, 2], 1e-3) / used[:, 2]))
        is_settled = (moved <= MOVED_SHARE) & (resized <= RESIZED_SHARE)
        return [
            _Face(each.picture, each.number, meshes.row(row), now[row], bool(is_settled[row]))
            for row, each in enumerate(sought)
            if meshes.probability[row] > MIN_PROBABILITY
        ]


def _places(look: Look) -> Sequence[Place]:
    """Where to look first."""
    if look.track is None:
        return ()
    known = look.track.places[:MAX_FACES] if look.wants.room else (look.track.student,)
    return [place for place in known if place.is_possible]  # one that is not spoils the batch


def _lost(look: Look, faces: Sequence[_Face]) -> list[Place]:
    """Places whose face is not there any more."""
    numbers = {face.number for face in faces}
    return [place for place in _places(look) if place.number not in numbers]


def _is_to_search(look: Look, faces: Sequence[_Face]) -> bool:
    """Whether a face is missing, or others may have come since the last search."""
    return look.is_search_due or bool(_lost(look, faces))


def _by_picture(faces: Iterable[_Face], pictures: int) -> list[list[_Face]]:
    """Sort faces by their picture; of two tracks that ran into one face the first stays."""
    sorted_in: list[list[_Face]] = [[] for _ in range(pictures)]
    for face in faces:
        there = sorted_in[face.picture]
        if not any(is_same(other.region, face.region) for other in there):
            there.append(face)
    return sorted_in


def _student(look: Look, faces: Sequence[_Face]) -> _Face | None:
    """The one who was it, unless another is clearly larger; else the largest."""
    largest = max(faces, key=_side, default=None)
    if largest is None or look.track is None:
        return largest
    before = next((face for face in faces if face.number == look.track.student.number), None)
    if before is None or _side(largest) > LARGER_SHARE * _side(before):
        return largest
    return before


def _followed(
    look: Look,
    faces: Sequence[_Face],
    student: _Face | None,
    count: int,
    *,
    is_searched: bool,
) -> Followed | None:
    """Put one picture's faces together; a student who turned out to be none is succeeded."""
    if student is None or not faces:
        return None
    first = next((face for face in faces if face.number == student.number), None)
    first = first or max(faces, key=_side)
    rest = sorted((face for face in faces if face is not first), key=_side, reverse=True)
    was_counted = look.track is not None and not is_searched and not look.wants.room
    return Followed(
        first.mesh,
        first.region,
        look.track.faces if was_counted and look.track else count,
        first.number,
        look.at_s if is_searched or look.track is None else look.track.searched_at_s,
        tuple(Followed(face.mesh, face.region, count, face.number) for face in rest),
    )


def _side(face: _Face) -> float:
    return float(face.region[2])

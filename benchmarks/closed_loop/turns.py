"""How far do real heads turn? Evidence for the yaw gain that owes nothing to the puppet's depth.

The mesh gives each landmark a place in the picture and a depth. Both are guesses of one network,
but places are trained on what pictures show, depths are not. So the turn is measured once more:

1. from places alone, as the turn of the reference face that explains them best, without any depth;
2. from motion alone: how places move against each other, over all frames of one head, gives its
   depth and its turns at once (factorisation under scaled orthography).

How these turns grow with those of head pose before its gain is the gain that they ask for. The
first is as good as the reference face's depth is that person's own; the second needs a head that
turns and nods, and lids and mouth held out.

Source: Tomasi and Kanade, "Shape and Motion from Image Streams under Orthography", IJCV 1992.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.closed_loop.clips import BLINK_CLIP, CLASS_CLIP, QUALITY_PCT, frames, narrow
from benchmarks.closed_loop.views import jpeg
from benchmarks.landmarks.ours import find
from demo.puppet.portrait import U8
from inference.models.folder import ModelFolder
from inference.perception.look import Track, Wants
from inference.perception.pipeline import Look, Pipeline, Seen
from inference.perception.pose import TO_HEAD_FRAME, TURNED_AWAY_RAD, HeadPoses, Reference

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

RIGID: tuple[int, ...] = (
    4,
    6,
    10,
    33,
    54,
    67,
    117,
    119,
    121,
    127,
    129,
    132,
    133,
    136,
    143,
    147,
    198,
    205,
)
RIGID += (263, 284, 297, 346, 348, 350, 356, 358, 361, 362, 365, 372, 376, 420, 425)
"""Landmarks that expressions move little: those with a weight in the published reference face."""
ROOM_EVERY = 4
CUT_SIDES = 2.2
"""Side of the cut around a face of the class, in sides of its box."""
CUT_PX = 320
MIN_EYES_PX = 30.0
"""Of a face of the class, in the clip's own pixels."""


class Turned(msgspec.Struct, frozen=True):
    """What one clip says."""

    clip: str
    n: int
    """Faces."""
    yaw_from_deg: float
    yaw_to_deg: float
    """Before the gain."""
    gain_of_places: float
    gain_of_motion: float | None
    """None of several people, or when the motion does not tell."""
    depth_of_mesh: float
    """Depth that the mesh gives them, in depths of the reference face; of those who look ahead."""


def turned(pipeline: Pipeline, folder: ModelFolder, clips: Path) -> list[Turned]:
    """Measure both clips, as far as they are there."""
    face = folder.reference_face()
    told = []
    for name, marks, is_one in (
        (BLINK_CLIP, list(_one_head(pipeline, clips / BLINK_CLIP)), True),
        (CLASS_CLIP, list(_class_heads(pipeline, clips / CLASS_CLIP)), False),
    ):
        if marks:
            reference = Reference(face.points, face.weights)
            told.append(evidence(name, np.stack(marks), reference, face.points, is_one=is_one))
    return told


def evidence(name: str, marks: F32, reference: Reference, shape: F32, *, is_one: bool) -> Turned:
    """Compare the three ways to measure a turn.

    Args:
        name: of the clip.
        marks: (N, 468.., 3) landmarks in pixels.
        reference: the face that pose is measured against.
        shape: (468, 3) the same, head frame.
        is_one: whether all are of one person.
    """
    poses = reference.poses(marks)
    yaw, _ = poses.level_angles()
    chosen = np.abs(yaw) < TURNED_AWAY_RAD
    marks, yaw, poses = marks[chosen], yaw[chosen], poses.rows(np.flatnonzero(chosen))
    seen = marks[:, list(RIGID)].astype(np.float64) * TO_HEAD_FRAME
    rigid = shape[list(RIGID)].astype(np.float64)
    rotations = by_motion(seen[:, :, :2], rigid) if is_one else None
    return Turned(
        clip=name,
        n=len(yaw),
        yaw_from_deg=round(float(np.degrees(yaw.min())), 1),
        yaw_to_deg=round(float(np.degrees(yaw.max())), 1),
        gain_of_places=_slope(yaw, level_yaw(by_places(seen[:, :, :2], rigid))),
        gain_of_motion=None if rotations is None else _slope(yaw, level_yaw(rotations)),
        depth_of_mesh=_depth(seen, poses, rigid),
    )


def by_places(places: F64, shape: F64) -> F64:
    """(N, 3, 3) rotations of a shape that explain (N, P, 2) places best, scale and place free."""
    solid = shape - shape.mean(axis=0)
    flat = places - places.mean(axis=1, keepdims=True)
    return _rotations(np.linalg.pinv(solid) @ flat)


def by_motion(places: F64, shape: F64) -> F64 | None:
    """(N, 3, 3) rotations of one rigid body seen at (N, P, 2) places; None where none fits.

    The shape only says which way the body found looks, and nothing of its depth.
    """
    flat = places - places.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=(1, 2), keepdims=True)
    left, sizes, right = np.linalg.svd(flat.transpose(0, 2, 1).reshape(-1, len(shape)))
    axes = (left[:, :3] * sizes[:3]).reshape(-1, 2, 3)
    metric = _metric(axes)
    values, vectors = np.linalg.eigh(metric)
    if values.min() <= 0:
        return None
    root = vectors * np.sqrt(values)
    body = (np.linalg.inv(root) @ right[:3]).T
    turn, _, back = np.linalg.svd(body.T @ (shape - shape.mean(axis=0)))
    return _rotations((axes @ root @ (turn @ back)).transpose(0, 2, 1))


def level_yaw(rotations: F64) -> F64:
    """(N,) yaw with the eyes level, radians, without a gain."""
    across = rotations[:, :, 0]
    roll = -np.arctan2(across[:, 1], np.hypot(across[:, 0], across[:, 2]))
    unused = np.zeros(len(roll))
    return HeadPoses(rotations, unused, unused, roll).level_angles()[0]


def _rotations(maps: F64) -> F64:
    """(N, 3, 3) rotations next to (N, 3, 2) maps of a shape to places."""
    left, _, right = np.linalg.svd(maps.transpose(0, 2, 1), full_matrices=False)
    two = left @ right
    return np.concatenate([two, np.cross(two[:, 0], two[:, 1])[:, None]], axis=1)


def _metric(axes: F64) -> F64:
    """(3, 3) metric in which both axes of every frame are as long and at right angles."""
    first, second = axes[:, 0], axes[:, 1]
    size = (axes[0] ** 2).sum() / 2
    rows = [_products(first, first) - _products(second, second), _products(first, second)]
    scale = 1e3  # the size of the first frame is given, not fitted
    equations = np.concatenate([*rows, scale * _products(first[:1], first[:1])])
    wanted = np.zeros(len(equations))
    wanted[-1] = scale * size
    a, b, c, d, e, f = np.linalg.lstsq(equations, wanted, rcond=None)[0]
    return np.array([[a, b, c], [b, d, e], [c, e, f]])


def _products(one: F64, other: F64) -> F64:
    """(N, 6) factors of the six numbers of a symmetric matrix in one @ matrix @ other."""
    x, y, z = one.T
    u, v, w = other.T
    return np.stack([x * u, x * v + y * u, x * w + z * u, y * v, y * w + z * v, z * w], axis=1)


def _depth(seen: F64, poses: HeadPoses, shape: F64) -> float:
    """Depth of the mesh in depths of the shape: of faces within 6 degrees of the camera."""
    ahead = np.abs(poses.level_angles()[0]) < np.radians(6)
    solid = shape - shape.mean(axis=0)
    ratios = []
    for marks, rotation in zip(seen[ahead], poses.rotation[ahead], strict=True):
        level = (marks - marks.mean(axis=0)) @ rotation
        size = (level[:, :2] * solid[:, :2]).sum() / (solid[:, :2] ** 2).sum()
        ratios.append(np.linalg.lstsq(solid, level[:, 2] / size, rcond=None)[0][2])
    return round(float(np.mean(ratios)), 3) if ratios else 0.0


def _slope(of: F64, with_: F64) -> float:
    return round(float(np.polyfit(of, with_, 1)[0]), 3)


def _one_head(pipeline: Pipeline, path: Path) -> Iterator[F32]:
    """Landmarks of the one face of a clip, followed."""
    track: Track | None = None
    for _, picture in frames(path):
        found = find(pipeline, jpeg(picture, QUALITY_PCT), track)
        track = found.track
        if track is not None:
            yield found.landmarks


def _class_heads(pipeline: Pipeline, path: Path) -> Iterator[F32]:
    """Landmarks of the larger faces of a class, each cut out and looked at by itself."""
    for number, (_, picture) in enumerate(frames(path)):
        if number % ROOM_EVERY:
            continue
        look = Look(jpeg(narrow(picture), QUALITY_PCT), None, Wants(room=True))
        answer = pipeline.observe([look])[0]
        people = answer.observation.room if isinstance(answer, Seen) else ()
        for person in people:
            cut, scale = _cut(picture, person.face_box)
            found = find(pipeline, jpeg(cut, QUALITY_PCT), None)
            if found.track is not None:
                eyes = np.linalg.norm(found.landmarks[263, :2] - found.landmarks[33, :2])
                if eyes >= MIN_EYES_PX * scale:
                    yield found.landmarks


def _cut(picture: U8, box: tuple[float, float, float, float]) -> tuple[U8, float]:
    """A square around a box, `CUT_PX` wide, and how much larger that is."""
    height, width = picture.shape[:2]
    x, y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    side = CUT_SIDES * max((box[2] - box[0]) * width, (box[3] - box[1]) * height)
    left, top = max(round(x - side / 2), 0), max(round(y - side / 2), 0)
    cut = picture[top : round(y + side / 2), left : round(x + side / 2)]
    scale = CUT_PX / cut.shape[1]
    size = (CUT_PX, max(round(cut.shape[0] * scale), 1))
    return cv2.resize(cut, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8), scale

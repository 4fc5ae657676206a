"""What does a face look like from straight ahead? Made of two portraits, because no file says it.

The reference face is the mean mesh of two real faces, made symmetric. Steps:
1. Mirror each portrait and find its mesh again. The mirrored point nearest to a point of the
   original is its partner at the other side; points of the middle are their own partners.
2. Bring all meshes to one size and pose, take their mean, and the mean of that with its own
   mirror image; repeat until it stands still.
3. Turn it so that the mirror plane is x = 0 and the mouth's corners lie 9 degrees in front of the
   eyes' corners, which is where they lie in published canonical faces.

Frame: x to the right of the picture, y up, z towards the viewer; the face is one unit wide.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rapt.errors import Misconfigured

from inference.models.assignment import F64, Ids, cheapest_assignment
from inference.models.folder import REFERENCE_FACE
from inference.models.landmarks import POINTS
from inference.models.portrait import U8, PortraitReader, read_pixels

MOUTH_IN_FRONT_RAD = np.radians(9.0)
_ROUNDS = 5
_MIRROR = np.array([-1.0, 1.0, 1.0])
_MOUTH, _EYES = (61, 291), (33, 263)


def derive_reference_face(detector: Path, mesh: Path, portraits: Sequence[Path]) -> bytes:
    """Return the reference face as a .npy file, one row per landmark.

    Args:
        detector: the converted face detector.
        mesh: the converted attention mesh.
        portraits: pictures of one frontal face each.

    Raises:
        Misconfigured: a portrait shows no face.
    """
    reader = PortraitReader(detector, mesh)
    faces, distances = [], np.zeros((POINTS, POINTS))
    for path in portraits:
        pixels = read_pixels(path)
        points = reader.points(pixels).astype(np.float64)
        faces.append(points * [1, -1, -1])
        distances += _mirror_distances(reader, pixels, points)
    partners = find_partners(distances)
    rows = np.empty(POINTS, REFERENCE_FACE)
    rows["point"] = symmetric_face(faces, partners)
    rows["weight"] = 1
    rows["partner"] = partners
    file = io.BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def find_partners(distances: F64) -> Ids:
    """Pair every point with one point, or with itself, so that the pairs are nearest in sum.

    Args:
        distances: (L, L) from each mirrored point to each point.

    Returns:
        (L,) partner of each point; the partner's partner is the point itself.

    Raises:
        Misconfigured: the cheapest pairing is no mirror image, so the meshes are not of faces.
    """
    partners = cheapest_assignment(distances + distances.T)
    if not np.array_equal(partners[partners], np.arange(len(partners))):
        raise Misconfigured("the portraits' meshes do not mirror onto themselves")
    return partners


def symmetric_face(faces: Sequence[F64], partners: Ids) -> F64:
    """Return the mean face (L, 3), symmetric, upright and one unit wide."""
    face = _unit_wide(faces[0])
    for _ in range(_ROUNDS):
        mean = np.mean([fitted(other, face) for other in faces], axis=0)
        face = (mean + fitted(mean[partners] * _MIRROR, mean)) / 2
        face = _unit_wide(_facing(face, partners))
    face = (face + face[partners] * _MIRROR) / 2
    return _unit_wide(_upright(face))


def fitted(points: F64, onto: F64) -> F64:
    """Move, turn and scale points (L, 3) onto others, by least squares.

    Source: Umeyama, "Least-squares estimation of transformation parameters", PAMI 1991.
    """
    own, theirs = points - points.mean(0), onto - onto.mean(0)
    left, stretch, right = np.linalg.svd(theirs.T @ own)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    scale = (stretch * sign).sum() / (own**2).sum()
    turned: F64 = scale * own @ ((left * sign) @ right).T + onto.mean(0)
    return turned


def _mirror_distances(reader: PortraitReader, pixels: U8, points: F64) -> F64:
    mirrored = reader.points(np.ascontiguousarray(pixels[:, ::-1])).astype(np.float64)
    mirrored[:, 0] = pixels.shape[1] - 1 - mirrored[:, 0]
    apart: F64 = np.linalg.norm(mirrored[:, None, :2] - points[None, :, :2], axis=2)
    return apart / np.ptp(points[:, 0])


def _facing(face: F64, partners: Ids) -> F64:
    """Turn a face about its centre so that its mirror plane is x = 0."""
    across = face - face[partners]
    normal = (across * np.sign(across[:, :1])).sum(0)
    normal /= np.linalg.norm(normal)
    ahead = np.cross(normal, [0.0, 1.0, 0.0])
    ahead /= np.linalg.norm(ahead)
    turned: F64 = (face - face.mean(0)) @ np.stack([normal, np.cross(ahead, normal), ahead]).T
    return turned


def _upright(face: F64) -> F64:
    """Nod a face until mouth and eyes lie as they should."""
    down = face[list(_MOUTH)].mean(0) - face[list(_EYES)].mean(0)
    angle = MOUTH_IN_FRONT_RAD - np.arctan2(down[2], -down[1])
    cosine, sine = np.cos(angle), np.sin(angle)
    turned: F64 = face @ np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    return turned


def _unit_wide(face: F64) -> F64:
    wide: F64 = (face - face.mean(0)) / np.ptp(face[:, 0])
    return wide

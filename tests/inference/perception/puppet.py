"""A face that can be turned: what the tests look at."""

from copy import copy

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

FACE_PX = 280.0
"""Width of the face in the drawing; lids of smaller ones cannot be closed to the pixel."""
UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398))
CREASES = ((247, 30, 29, 27, 28, 56, 190), (467, 260, 259, 257, 258, 286, 414))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382))


class Puppet:
    """A portrait's face, drawn again at any pose on plain grey, where nothing else can be seen."""

    def __init__(self, portrait: U8, landmarks: F32) -> None:
        larger = max(1.0, FACE_PX / float(np.ptp(landmarks[:468, 0])))
        landmarks = landmarks * np.float32(larger)
        portrait = np.asarray(cv2.resize(portrait, None, fx=larger, fy=larger), np.uint8)
        self.portrait = portrait
        self.landmarks = landmarks
        self._points = landmarks[:468].astype(np.float64)
        self._triangles = _triangles(landmarks[:468, :2], portrait.shape)
        self._asleep = _with_painted_lids(portrait, landmarks)

    def with_depth(self, factor: float) -> "Puppet":
        """The same face with another depth: the mesh's own is too flat."""
        other = copy(self)
        other._points = self._points * [1, 1, factor]
        return other

    def turned(self, axis: str, degrees: float) -> U8:
        """Draw the face turned about one axis: yaw, pitch or roll."""
        angles = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0} | {axis: degrees}
        return self.view(yaw_deg=angles["yaw"], pitch_deg=angles["pitch"], roll_deg=angles["roll"])

    def view(
        self,
        *,
        yaw_deg: float = 0.0,
        pitch_deg: float = 0.0,
        roll_deg: float = 0.0,
        shut: bool = False,
    ) -> U8:
        """Draw the face turned: yaw towards the image left, pitch up, roll clockwise."""
        points = self._points.copy()
        if shut:
            for upper, lower, crease in zip(UPPER_LIDS, LOWER_LIDS, CREASES, strict=True):
                way = points[list(lower)] - points[list(upper)]
                points[list(upper)] += way
                points[list(crease)] += 0.45 * way
        centre = points.mean(axis=0)
        turned = (points - centre) * [1, -1, -1] @ rotation(yaw_deg, pitch_deg, roll_deg).T
        turned *= [1, -1, -1]
        focal = 2.0 * self.portrait.shape[1]
        flat = turned[:, :2] * (focal / (focal + turned[:, 2:])) + centre[:2]
        return self._draw(flat, turned[:, 2], self._asleep if shut else self.portrait)

    def _draw(self, flat: F64, depth: F64, texture: U8) -> U8:
        """Draw triangles back to front as numbers, then look every pixel up in the portrait."""
        height, width = self.portrait.shape[:2]
        source, target = self._points[:, :2][self._triangles], flat[self._triangles]
        is_seen = _area(source) * _area(target) > 0
        owner = np.full((height, width), -1, np.int32)
        for index in np.argsort(-depth[self._triangles].mean(axis=1)):
            if is_seen[index]:
                cv2.fillConvexPoly(owner, np.rint(target[index]).astype(np.int32), int(index))
        rows, columns = np.nonzero(owner >= 0)
        ids = owner[rows, columns]
        ones = np.ones((len(target), 3, 1))
        flat_enough = np.abs(_area(target)) > 1e-3
        maps = np.zeros((len(target), 3, 2))
        maps[flat_enough] = np.linalg.solve(
            np.concatenate([target, ones], axis=2)[flat_enough], source[flat_enough]
        )
        here = np.stack([columns, rows, np.ones_like(rows)], axis=1)
        found = np.einsum("pi,pij->pj", here, maps[ids]).astype(np.float32)
        lookup = np.full((2, height, width), -1, np.float32)
        lookup[:, rows, columns] = found.T
        drawn = cv2.remap(texture, lookup[0], lookup[1], cv2.INTER_LINEAR)
        drawn[owner < 0] = 128
        return np.asarray(drawn, np.uint8)


def _with_painted_lids(portrait: U8, landmarks: F32) -> U8:
    """Skin over the openings of the eyes, a line of lashes where they were."""
    painted = portrait.copy()
    for upper, lower in zip(UPPER_LIDS, LOWER_LIDS, strict=True):
        outline = landmarks[[*upper, *reversed(lower)], :2]
        middle = outline.mean(axis=0)
        wide = np.rint(middle + (outline - middle) * [1.3, 2.0]).astype(np.int32)
        below = np.rint(landmarks[list(lower), :2] * [1, 1] + [0, np.ptp(outline[:, 1])])
        x, y = below.astype(int).T
        skin = np.median(portrait[y, x], axis=0)
        cv2.fillPoly(painted, [wide], skin.tolist(), cv2.LINE_AA)
        lashes = np.rint(landmarks[list(upper), :2]).astype(np.int32)
        thick = max(1, round(0.018 * float(np.ptp(landmarks[:468, 0]))))
        cv2.polylines(painted, [lashes], False, (skin * 0.3).tolist(), thick, cv2.LINE_AA)  # noqa: FBT003 - OpenCV's order
    return painted


def _triangles(points: F32, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    mesh = cv2.Subdiv2D((0, 0, shape[1], shape[0]))
    ids = {}
    for index, (x, y) in enumerate(points.tolist()):
        ids[mesh.insert((x, y))] = index
    corners = np.array(mesh.getTriangleList()).reshape(-1, 3, 2)
    nearest = [
        [int(np.argmin(((points - corner) ** 2).sum(axis=1))) for corner in triangle]
        for triangle in corners
        if (triangle >= 0).all() and (triangle < [shape[1], shape[0]]).all()
    ]
    return np.array(nearest, np.int64)


def _area(triangles: F64) -> F64:
    one, two = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> F64:
    """Rotation in the head frame: x right, y up, z to the viewer."""
    yaw, pitch, roll = np.radians([-yaw_deg, pitch_deg, roll_deg])
    turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    nod = [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    tilt = [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.asarray(np.array(turn) @ np.array(nod) @ np.array(tilt))


def to_jpeg(rgb: U8, quality: int = 90) -> bytes:
    """Encode a picture as a browser would."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())

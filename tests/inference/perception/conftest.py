"""Real models, two public-domain portraits, and a puppet made of each."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from inference.models.folder import ModelFolder
from inference.perception.decode import Picture
from inference.perception.pipeline import Look, Pipeline, Seen

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

MODELS = Path(__file__).parents[3] / ".rapt" / "models"
UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382))


class Puppet:
    """A portrait's face, drawn again at any pose on plain grey, where nothing else can be seen."""

    def __init__(self, portrait: U8, landmarks: F32) -> None:
        self._portrait = portrait
        self._points = landmarks[:468].astype(np.float64)
        self._triangles = _triangles(landmarks[:468, :2], portrait.shape)

    def view(
        self,
        *,
        yaw_deg: float = 0.0,
        pitch_deg: float = 0.0,
        roll_deg: float = 0.0,
        closed: float = 0.0,
    ) -> U8:
        """Draw the face turned: yaw towards the image left, pitch up, roll clockwise."""
        points = self._points.copy()
        for upper, lower in zip(UPPER_LIDS, LOWER_LIDS, strict=True):
            points[list(upper)] += closed * (points[list(lower)] - points[list(upper)])
        centre = points.mean(axis=0)
        turned = (points - centre) * [1, -1, -1] @ _rotation(yaw_deg, pitch_deg, roll_deg).T
        turned *= [1, -1, -1]
        focal = 2.0 * self._portrait.shape[1]
        flat = turned[:, :2] * (focal / (focal + turned[:, 2:])) + centre[:2]
        return self._draw(flat, turned[:, 2])

    def _draw(self, flat: npt.NDArray[np.float64], depth: npt.NDArray[np.float64]) -> U8:
        """Draw triangles back to front as numbers, then look every pixel up in the portrait."""
        height, width = self._portrait.shape[:2]
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
        drawn = cv2.remap(self._portrait, lookup[0], lookup[1], cv2.INTER_LINEAR)
        drawn[owner < 0] = 128
        return np.asarray(drawn, np.uint8)


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


def _area(triangles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    one, two = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])


def _rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> npt.NDArray[np.float64]:
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


@pytest.fixture(scope="session")
def folder() -> ModelFolder:
    """The built models."""
    return ModelFolder(MODELS)


@pytest.fixture(scope="session")
def pipeline(folder: ModelFolder) -> Pipeline:
    """One pipeline for all tests of the session."""
    return Pipeline.load(folder, provider="cpu", threads=1)


@pytest.fixture(scope="session")
def portraits(folder: ModelFolder) -> dict[str, U8]:
    """The two faces, RGB."""
    return {
        name: np.asarray(cv2.imread(str(folder.portrait(name)), cv2.IMREAD_COLOR_RGB), np.uint8)
        for name in ("astronaut", "grace_hopper")
    }


@pytest.fixture(scope="session")
def look(pipeline: Pipeline) -> Callable[[U8], Seen]:
    """Look at one picture that nobody has seen before."""

    def look_at(rgb: U8) -> Seen:
        [answer] = pipeline.observe([Look(to_jpeg(rgb))])
        assert isinstance(answer, Seen)
        return answer

    return look_at


@pytest.fixture(scope="session")
def puppets(pipeline: Pipeline, portraits: dict[str, U8]) -> dict[str, Puppet]:
    """A puppet of each portrait."""
    made = {}
    for name, rgb in portraits.items():
        [face] = pipeline._follower.follow([Picture(rgb, rgb.shape[1], rgb.shape[0])], [None])
        assert face is not None
        made[name] = Puppet(rgb, face.mesh.landmarks)
    return made

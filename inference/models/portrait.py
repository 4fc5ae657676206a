"""What mesh does the one face of a portrait have? Only for deriving files while building.

Smaller than the pipeline that serves frames: one picture, one face, no batches and no track.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # has no annotations
from rapt.errors import Misconfigured

from inference.models.landmarks import LEFT_EYE, LIPS, POINTS, RIGHT_EYE

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

_DETECTOR_PX = 128
_MESH_PX = 192
_MARGIN = 1.5  # side of the region that the mesh looks at, over the side of the face's box
_PASSES = 2  # the second looks at the region of the first one's points
_LEAST_LOGIT = 0.0


class PortraitReader:
    """Finds the mesh of the surest face in a picture."""

    def __init__(self, detector: Path, mesh: Path) -> None:
        self._detector = _session(detector)
        self._mesh = _session(mesh)

    def points(self, pixels: U8) -> F32:
        """Return the mesh of the face.

        Args:
            pixels: (H, W, 3) RGB.

        Returns:
            (468, 3) pixels: x right, y down, z away from the camera in the unit of x.

        Raises:
            Misconfigured: there is no face in the picture.
        """
        region = self._region(pixels)
        for _ in range(_PASSES):
            points, logit = self._look(pixels, region)
            region = _region_around(points)
        if logit < _LEAST_LOGIT:
            raise Misconfigured("the portrait shows no face to these models")
        return points

    def _region(self, pixels: U8) -> F32:
        """(4,) centre x, centre y, side, angle of the surest face."""
        height, width = pixels.shape[:2]
        scale = _DETECTOR_PX / max(height, width)
        shift = (_DETECTOR_PX - scale * np.array([width, height])) / 2
        letterbox = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
        small = cv2.warpAffine(pixels, letterbox, (_DETECTOR_PX, _DETECTOR_PX))
        boxes, logits = _run(self._detector, small.astype(np.float32) / np.float32(127.5) - 1)
        best = int(logits.argmax())
        row = boxes[best].reshape(8, 2)  # centre, size, right eye, left eye, four more
        centre, eyes = row[0] + _anchor(best), row[2:4] + _anchor(best)
        across = eyes[1] - eyes[0]
        side = row[1].max() * _MARGIN / scale
        middle = (centre - shift) / scale
        return np.array([*middle, side, np.arctan2(across[1], across[0])], np.float32)

    def _look(self, pixels: U8, region: F32) -> tuple[F32, float]:
        x, y, side, angle = (float(part) for part in region)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn *= side / _MESH_PX
        shift = np.array([x, y]) - turn @ [_MESH_PX / 2, _MESH_PX / 2]
        crop = cv2.warpAffine(
            pixels,
            np.column_stack([turn, shift]),
            (_MESH_PX, _MESH_PX),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        mesh, lips, right_eye, left_eye, _, _, flag = _run(
            self._mesh, np.ascontiguousarray(crop.transpose(2, 0, 1))
        )
        points = mesh.reshape(POINTS, 3).astype(np.float64)
        for ids, finer in ((LIPS, lips), (RIGHT_EYE, right_eye), (LEFT_EYE, left_eye)):
            points[list(ids), :2] = finer.reshape(-1, 2)
        points[:, :2] = points[:, :2] @ turn.T + shift
        points[:, 2] *= side / _MESH_PX
        return points.astype(np.float32), float(flag.item())


def read_pixels(path: Path) -> U8:
    """Decode a picture file into (H, W, 3) RGB."""
    decoded = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        raise Misconfigured(f"{path} is not a picture")
    return np.ascontiguousarray(decoded, np.uint8)


def _region_around(points: F32) -> F32:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    across = points[263] - points[33]
    side = (high - low).max() * _MARGIN
    return np.array([*((low + high) / 2), side, np.arctan2(across[1], across[0])], np.float32)


def _anchor(row: int) -> F32:
    """(2,) pixels: centre of the cell that a row of the detector belongs to."""
    coarse = 16 * 16 * 2
    cells, per_cell = (16, 2) if row < coarse else (8, 6)
    cell = (row if row < coarse else row - coarse) // per_cell
    at = np.array([cell % cells, cell // cells], np.float32)
    return (at + np.float32(0.5)) * np.float32(_DETECTOR_PX / cells)


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: ort.InferenceSession, picture: npt.NDArray[Any]) -> list[Any]:
    """Outputs for one picture, without their batch axis (untyped by ONNX Runtime)."""
    outputs = session.run(None, {session.get_inputs()[0].name: picture[None]})
    return [np.asarray(output)[0] for output in outputs]

"""Where are faces in a picture that nobody has looked at before? BlazeFace, short range.

Input contract: the whole picture letterboxed into 128x128 RGB, x/127.5 - 1.
Output row of 16: centre, size, then six points (right eye, left eye, nose, mouth, right ear, left
ear), all in input pixels; centre and points relative to the row's anchor.
It sees one near face well. It fires on things that are no face: the mesh decides.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from inference.perception.crop import letterbox, letterbox_matrix, region_from_box
from inference.perception.decode import Picture
from inference.perception.networks import InputContract, Network

F32 = npt.NDArray[np.float32]

SIDE_PX = 128
CONTRACT = InputContract(SIDE_PX, 1 / 127.5, -1.0)
MIN_SCORE = 0.5
OVERLAP = 0.3
"""Boxes that share more than this (intersection over union) are one face."""
ANCHORS_PER_CELL = ((16, 2), (8, 6))
"""(cells a side, anchors a cell): stride 8 once, stride 16 three times."""
MAX_FACES = 4
"""More people than this in front of one camera are not told apart."""


def make_anchors() -> F32:
    """(896, 2) anchor centres in input pixels, in the order of the network's rows."""
    groups = []
    for cells, repeats in ANCHORS_PER_CELL:
        rows, columns = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([columns, rows], axis=-1).reshape(-1, 2) + 0.5) / cells
        groups.append(np.repeat(centres, repeats, axis=0))
    return (np.concatenate(groups) * SIDE_PX).astype(np.float32)


ANCHORS = make_anchors()


class Detector:
    """Finds faces in a batch of pictures."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def regions(self, pictures: list[Picture]) -> list[F32]:
        """Regions of the faces in each picture, (F, 4), largest first, at most `MAX_FACES`."""
        if not pictures:
            return []
        shrunk = np.empty((len(pictures), SIDE_PX, SIDE_PX, 3), np.uint8)
        matrices = []
        for picture, into in zip(pictures, shrunk, strict=True):
            height, width = picture.pixels.shape[:2]
            matrices.append(letterbox_matrix(height, width, SIDE_PX))
            letterbox(picture.pixels, matrices[-1], into)
        outputs = self._network.run(shrunk)
        rows, logits = _by_width(outputs)
        scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        return [
            _regions(decode_rows(row, score), matrix)
            for row, score, matrix in zip(rows, scores, matrices, strict=True)
        ]


def _by_width(outputs: Mapping[str, F32]) -> tuple[F32, F32]:
    """Tell the two outputs apart by their last axis: (N, 896, 16) and (N, 896)."""
    arrays = list(outputs.values())
    rows, logits = sorted(arrays, key=lambda array: -array.shape[-1])
    return rows, logits[..., 0]


def decode_rows(rows: F32, scores: F32) -> F32:
    """Merge one picture's rows into faces by weighted non-maximum suppression.

    Args:
        rows: (896, 16) network output.
        scores: (896,) 0..1.

    Returns:
        (F, 17) in input pixels: x0 y0 x1 y1, six points, score; best first.
    """
    kept = scores >= MIN_SCORE
    if not kept.any():
        return np.zeros((0, 17), np.float32)
    order = np.argsort(-scores[kept], kind="stable")
    rows, scores, anchors = rows[kept][order], scores[kept][order], ANCHORS[kept][order]
    half = rows[:, 2:4] / 2
    centres = rows[:, :2] + anchors
    points = (rows[:, 4:].reshape(-1, 6, 2) + anchors[:, None]).reshape(-1, 12)
    shapes = np.concatenate([centres - half, centres + half, points], axis=1)
    faces = []
    while len(shapes):
        same = _overlaps(shapes[0], shapes) > OVERLAP
        same[0] = True
        weights = scores[same, None]
        merged = (shapes[same] * weights).sum(axis=0) / weights.sum()
        faces.append(np.append(merged, scores[0]))
        shapes, scores = shapes[~same], scores[~same]
    return np.array(faces, np.float32)


def _overlaps(box: F32, boxes: F32) -> F32:
    """Intersection over union of one box with (K, 4..) boxes."""
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:4], box[2:4])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = (boxes[:, 2:4] - boxes[:, :2]).prod(axis=1)
    own = (box[2:4] - box[:2]).prod()
    overlaps: F32 = shared / np.maximum(areas + own - shared, 1e-9)
    return overlaps


def _regions(faces: F32, matrix: F32) -> F32:
    """Carry faces from input pixels to picture pixels and make regions, largest first."""
    points = faces[:, :16].reshape(-1, 8, 2)
    points = ((points - matrix[:, 2]) / matrix[0, 0]).reshape(-1, 16)
    regions = [region_from_box(face[:4], face[4:6], face[6:8]) for face in points]
    regions.sort(key=lambda region: -float(region[2]))
    return np.array(regions[:MAX_FACES], np.float32).reshape(-1, 4)

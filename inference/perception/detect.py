"""Where are faces in a picture that nobody has looked at before? BlazeFace, in two ranges.

Input contract: the whole picture letterboxed into a square RGB, x/127.5 - 1; 128x128 for the short
range (one near face), 192x192 for the full range (a room).
Output row of 16: centre, size, then six points (right eye, left eye, nose, mouth, right ear, left
ear), all in input pixels; centre and points relative to the row's anchor.
It fires on things that are no face: the mesh decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.perception.crop import letterbox, letterbox_matrix, region_from_box
from inference.perception.decode import CHANNELS, Picture
from inference.perception.hands import Hands
from inference.perception.networks import InputContract, Network
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]

OVERLAP = 0.3
"""Boxes that share more than this (intersection over union) are one face."""
MAX_FACES = 4
"""More people than this in front of one webcam are not told apart."""
MAX_ROOM_FACES = 32
"""A class; the mesh runs once for each of them."""


def make_anchors(side_px: int, per_cell: Sequence[tuple[int, int]]) -> F32:
    """Anchor centres in input pixels, in the order of the network's rows.

    Args:
        side_px: of the input.
        per_cell: grids, each as cells a side and anchors a cell.

    Returns:
        (A, 2).
    """
    groups = []
    for cells, repeats in per_cell:
        rows, columns = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([columns, rows], axis=-1).reshape(-1, 2) + 0.5) / cells
        groups.append(np.repeat(centres, repeats, axis=0))
    return (np.concatenate(groups) * side_px).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """One of the two detectors."""

    side_px: int
    anchors: F32
    min_score: float
    max_faces: int

    @property
    def contract(self) -> InputContract:
        """What its network is fed with."""
        return InputContract(self.side_px, 1 / 127.5, -1.0)


SHORT_RANGE = Range(128, make_anchors(128, ((16, 2), (8, 6))), 0.5, MAX_FACES)
"""Stride 8 once, stride 16 three times."""
FULL_RANGE = Range(192, make_anchors(192, ((48, 1),)), 0.6, MAX_ROOM_FACES)
CONTRACT = SHORT_RANGE.contract


class Detector:
    """Finds faces in a batch of pictures."""

    def __init__(
        self, network: Network, of: Range = SHORT_RANGE, hands: Hands | None = None
    ) -> None:
        self._network = network
        self._hands = hands or Hands()
        self._range = of

    def regions(self, pictures: list[Picture]) -> list[F32]:
        """Regions of the faces in each picture, (F, 4), largest first, at most `max_faces`."""
        if not pictures:
            return []
        side_px = self._range.side_px
        shrunk = np.empty((len(pictures), side_px, side_px, CHANNELS), np.uint8)

        def shrink(index: int) -> F32:
            pixels = pictures[index].pixels
            matrix = letterbox_matrix(pixels.shape[0], pixels.shape[1], side_px)
            letterbox(pixels, matrix, shrunk[index])
            return matrix

        matrices = self._hands.map(shrink, range(len(pictures)))
        outputs = self._network.run(shrunk)
        rows, logits = _by_width(outputs)
        scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        return [
            _regions(decode_rows(row, score, self._range), matrix)[: self._range.max_faces]
            for row, score, matrix in zip(rows, scores, matrices, strict=True)
        ]

    def take_runs(self) -> list[StageRun]:
        """Return the network's runs since the last call."""
        return self._network.take_runs()


def _by_width(outputs: Mapping[str, F32]) -> tuple[F32, F32]:
    """Tell the two outputs apart by their last axis: (N, A, 16) and (N, A)."""
    arrays = list(outputs.values())
    rows, logits = sorted(arrays, key=lambda array: -array.shape[-1])
    return rows, logits[..., 0]


def decode_rows(rows: F32, scores: F32, of: Range = SHORT_RANGE) -> F32:
    """Merge one picture's rows into faces by weighted non-maximum suppression.

    Args:
        rows: (A, 16) network output.
        scores: (A,) 0..1.
        of: whose rows.

    Returns:
        (F, 17) in input pixels: x0 y0 x1 y1, six points, score; best first.
    """
    kept = scores >= of.min_score
    if not kept.any():
        return np.zeros((0, 17), np.float32)
    order = np.argsort(-scores[kept], kind="stable")
    rows, scores, anchors = rows[kept][order], scores[kept][order], of.anchors[kept][order]
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
    return np.array(regions, np.float32).reshape(-1, 4)

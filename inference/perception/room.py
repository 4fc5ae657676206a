"""Who is in the picture of a room camera? Detectors of small faces: YuNet, else BlazeFace.

YuNet's input contract: planes of blue, green, red, 0..255, width 320, height up to a multiple of
32, empty below the picture. For stride s of 8, 16, 32 and cell (x, y): score = sqrt(class * there),
centre = ((x, y) + box[:2]) * s, size = exp(box[2:]) * s.
On 33 frames of a clip of seven people it finds 165 faces, BlazeFace of the full range 140; the mesh
confirms 160 and 138. A wider input finds no more. BlazeFace is always there.
"""

from collections import defaultdict
from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from inference.models.folder import GraphName
from inference.perception.decode import Picture
from inference.perception.detect import FULL_RANGE, MAX_ROOM_FACES, Detector
from inference.perception.networks import Network
from inference.perception.rows import Opener, RowNetwork
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

WIDTH_PX = 320
STRIDES = (8, 16, 32)
MIN_SCORE = 0.6
OVERLAP = 0.3
"""Boxes that share more than this (intersection over union) are one face."""
MARGIN = 1.2
"""Side of a region over the longer side of YuNet's box: with 1.5 fewer meshes say "face"."""
WARM_HEIGHT_PX = 192
"""Of a frame of 16:9."""


class YuNet:
    """Finds faces in a batch of pictures of rooms."""

    def __init__(self, network: RowNetwork) -> None:
        self._network = network

    def regions(self, pictures: list[Picture]) -> list[F32]:
        """Regions of the faces in each picture, (F, 4), largest first, upright."""
        shapes: dict[int, list[int]] = defaultdict(list)
        for index, picture in enumerate(pictures):
            shapes[padded_height(picture)].append(index)
        found: dict[int, F32] = {}
        for height, rows in shapes.items():
            planes = np.stack([to_planes(pictures[row].pixels, height) for row in rows])
            [name] = self._network.inputs
            outputs = self._network.run({name: planes})
            named = dict(zip(self._network.outputs, outputs, strict=True))
            for place, row in enumerate(rows):
                boxes = decode_cells({name: output[place] for name, output in named.items()})
                share = pictures[row].pixels.shape[1] / WIDTH_PX
                found[row] = to_regions(boxes * np.float32(share))
        return [found[index] for index in range(len(pictures))]

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        return self._network.take_runs()


def open_room_finder(opener: Opener) -> YuNet | Detector | None:
    """Open and warm the best detector of small faces that is there.

    Raises:
        Misconfigured: it is damaged, or does not run there.
    """
    network = opener.open("room_detector", shape=(3, WARM_HEIGHT_PX, WIDTH_PX))
    if network is not None:
        return YuNet(network)
    name: GraphName = "room_detector_full_range"
    if not opener.folder.has(name):
        return None
    full_range = Network(
        opener.path(name),
        FULL_RANGE.contract,
        provider=opener.provider,
        threads=opener.threads,
        stage=name,
    )
    full_range.warm()
    return Detector(full_range, FULL_RANGE)


def padded_height(picture: Picture) -> int:
    """Height of the input that holds this picture, pixels."""
    height, width = picture.pixels.shape[:2]
    rows = -(-round(height * WIDTH_PX / width) // STRIDES[-1])
    return int(max(rows, 1) * STRIDES[-1])


def to_planes(pixels: U8, height: int) -> F32:
    """Shrink (H, W, 3) RGB to (3, height, 320) planes of blue, green, red; zeros below."""
    rows = min(round(pixels.shape[0] * WIDTH_PX / pixels.shape[1]), height)
    planes = np.zeros((3, height, WIDTH_PX), np.float32)
    shrunk = cv2.resize(pixels, (WIDTH_PX, max(rows, 1)), interpolation=cv2.INTER_LINEAR)
    planes[:, : len(shrunk)] = shrunk[:, :, ::-1].transpose(2, 0, 1)
    return planes


def decode_cells(outputs: Mapping[str, F32]) -> F32:
    """Read one picture's cells as boxes and merge those of one face.

    Args:
        outputs: (cells, 1) `cls_S` and `obj_S` and (cells, 4) `bbox_S` of each stride S.

    Returns:
        (F, 4) x0 y0 x1 y1 in input pixels, best first.
    """
    boxes, scores = [], []
    for stride in STRIDES:
        likely, there = outputs[f"cls_{stride}"][:, 0], outputs[f"obj_{stride}"][:, 0]
        score = np.sqrt(np.clip(likely, 0, 1) * np.clip(there, 0, 1))
        kept = np.flatnonzero(score > MIN_SCORE)
        rows, columns = np.divmod(kept, WIDTH_PX // stride)
        shape = outputs[f"bbox_{stride}"][kept]
        centre = (np.stack([columns, rows], axis=1) + shape[:, :2]) * stride
        half = np.exp(np.clip(shape[:, 2:], -10, 10)) * stride / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        scores.append(score[kept])
    return _merged(np.concatenate(boxes).astype(np.float32), np.concatenate(scores))


def _merged(boxes: F32, scores: F32) -> F32:
    """Keep the best box of each face."""
    if not len(boxes):
        return np.zeros((0, 4), np.float32)
    corners = [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes.tolist()]
    kept = cv2.dnn.NMSBoxes(corners, scores.tolist(), MIN_SCORE, OVERLAP)
    return boxes[np.asarray(kept, np.int64).reshape(-1)]


def to_regions(boxes: F32) -> F32:
    """(F, 4) upright regions around (F, 4) boxes, largest first, at most `MAX_ROOM_FACES`."""
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    regions = np.zeros((len(boxes), 4), np.float32)
    regions[:, :2], regions[:, 2] = centres, sides * MARGIN
    return regions[np.argsort(-sides, kind="stable")][:MAX_ROOM_FACES]

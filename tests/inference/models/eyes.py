"""Real eyes for parity tests: those of the two portraits, seen in many ways.

Noise would not do: it drives a network into saturation, and then every error reads zero.
"""

import json
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from inference.models.folder import ModelFolder
from inference.models.portrait import read_pixels
from tests.inference.models.drafts import F32
from tests.inference.models.faces import PORTRAITS

CORNERS = ((33, 133), (362, 263))
"""Points at the image left and right of the eye at the image left, and of the other one."""

ZOOMS = (1.3, 1.6, 1.8, 2.4)
"""Side of the crop over the distance of the eye's corners."""

TURNS_DEG = (0.0, -20.0, 25.0)
LIFTS = (0.0, 0.7, -0.6)
"""How far above the eye the crop looks, in corner distances: at the eye, the brow and the cheek,
so that answers spread between open and closed."""

_POINTS = Path(__file__).with_name("portrait_points.json")


def eye_crops(models: ModelFolder, size_px: int) -> F32:
    """Return (2, N, 3, size, size) BGR in 0..255: eyes at the image left, eyes at its right."""
    points = json.loads(_POINTS.read_text("utf-8"))
    sides: tuple[list[F32], list[F32]] = ([], [])
    for name in PORTRAITS:
        pixels = read_pixels(models.portrait(name))
        for zoom, turn_deg, lift in product(ZOOMS, TURNS_DEG, LIFTS):
            for crops, corners in zip(sides, CORNERS, strict=True):
                first, second = (np.array(points[name][str(corner)]) for corner in corners)
                width = float(np.linalg.norm(second - first))
                x, y = (first + second) / 2 - [0, lift * width]
                matrix = cv2.getRotationMatrix2D((x, y), turn_deg, size_px / (zoom * width))
                matrix[:, 2] += [size_px / 2 - x, size_px / 2 - y]
                crop = cv2.warpAffine(pixels, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR)
                crops.append(crop[:, :, ::-1].transpose(2, 0, 1).astype(np.float32))
    return np.stack([np.stack(crops) for crops in sides])


def head_angles(count: int) -> F32:
    """Return (N, 3) yaw, pitch and roll in degrees, each swept at its own pace."""
    steps = np.arange(count)
    return np.stack(
        [20 * np.sin(steps), 15 * np.cos(1.7 * steps), 5 * np.sin(2.3 * steps)], axis=1
    ).astype(np.float32)

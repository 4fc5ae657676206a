"""What a portrait's eyes do: lids that close, irises that turn.

Lids are moved in the mesh: the upper lid comes down to the lower one and pulls the skin above it
along, and the triangles of the eye opening shrink to a line and vanish. Irises are moved in the
texture, inside the eye opening alone, since the mesh has no points there.
"""

from dataclasses import replace

import cv2
import numpy as np

from demo.puppet.mesh import F32
from demo.puppet.portrait import U8, Portrait

EYES = (
    # corners, upper lid from corner to corner, then in the same order:
    # lower lid, crease, brow side of the crease, cheek side of the lower lid; iris
    (
        (33, 133),
        (246, 161, 160, 159, 158, 157, 173),
        (7, 163, 144, 145, 153, 154, 155),
        (247, 30, 29, 27, 28, 56, 190),
        (113, 225, 224, 223, 222, 221, 189),
        (25, 110, 24, 23, 22, 26, 112),
        (468, 469, 470, 471, 472),
    ),
    (
        (263, 362),
        (466, 388, 387, 386, 385, 384, 398),
        (249, 390, 373, 374, 380, 381, 382),
        (467, 260, 259, 257, 258, 286, 414),
        (342, 445, 444, 443, 442, 441, 413),
        (255, 339, 254, 253, 252, 256, 341),
        (473, 474, 475, 476, 477),
    ),
)
"""Landmarks of the two eyes, those at the image left of an unmirrored picture first."""

LOWER_LID_SHARE = 0.08
"""How far the lower lid comes up of the way that both lids close."""

CREASE_SHARE = 0.45
"""How far the crease above the lid follows it."""

BROW_SIDE_SHARE = 0.1
"""How far the skin between crease and brow follows."""

IRIS_REACH = 2.2
"""Radii of the iris after which the texture does not move with it."""

SKIN_OVER_EYE = (1.3, 2.0)
"""How much wider and higher than the measured opening the painted skin is."""

LASH_BRIGHTNESS = 0.3
"""Brightness of the lashes against the skin around them."""


def with_lids(points: F32, closed: float) -> F32:
    """Close the lids.

    Args:
        points: (478, 3) landmarks.
        closed: 0 as in the portrait .. 1 shut.

    Returns:
        (478, 3) landmarks of the same face.
    """
    moved = points.copy()
    for _, upper, lower, crease, brow_side, _, _ in EYES:
        way = points[list(lower)] - points[list(upper)]
        moved[list(upper)] += way * (1 - LOWER_LID_SHARE) * closed
        moved[list(lower)] -= way * LOWER_LID_SHARE * closed
        moved[list(crease)] += way * CREASE_SHARE * closed
        moved[list(brow_side)] += way * BROW_SIDE_SHARE * closed
    return moved


def with_gaze(portrait: Portrait, aside: float, down: float) -> Portrait:
    """Turn both irises.

    Args:
        portrait: whose eyes.
        aside: towards the image right, in eye widths; 0.1 is about 14 degrees.
        down: towards the chin, in eye widths.

    Returns:
        The same portrait with another texture.
    """
    height, width = portrait.texture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    map_x, map_y = x.copy(), y.copy()
    for corners, upper, lower, _, _, _, iris in EYES:
        outer, inner = portrait.points[list(corners), :2]
        eye_width = float(np.linalg.norm(outer - inner))
        centre = portrait.points[iris[0], :2]
        radius = float(np.linalg.norm(portrait.points[list(iris[1:]), :2] - centre, axis=1).mean())
        shift = np.array([aside, down], np.float32) * eye_width
        far = np.hypot(x - (centre[0] + shift[0]), y - (centre[1] + shift[1]))
        near = np.clip((IRIS_REACH * radius - far) / ((IRIS_REACH - 1) * radius), 0, 1)
        weight = (
            near
            * near
            * (3 - 2 * near)
            * _polygon(
                portrait.texture,
                portrait.points[[corners[0], *upper, corners[1], *reversed(lower)], :2],
            )
        )
        map_x -= weight * shift[0]
        map_y -= weight * shift[1]
    texture = cv2.remap(
        portrait.texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return replace(portrait, texture=np.asarray(texture, np.uint8))


def with_shut_lids(portrait: Portrait) -> Portrait:
    """Paint skin over the eye openings and lashes where the upper lids end.

    Where the mesh does not fit the lids to the pixel (glasses, hooded lids), moving them alone
    would leave a dark slit in which the mesh sees an open eye again (measured: EAR 0.18 instead of
    0.08).
    """
    texture = portrait.texture.astype(np.float32)
    for corners, upper, lower, _, _, below, _ in EYES:
        points = portrait.points[:, :2]
        outline = points[[corners[0], *upper, corners[1], *reversed(lower)]]
        middle = outline.mean(axis=0)
        wider = middle + (outline - middle) * np.array(SKIN_OVER_EYE, np.float32)
        x, y = np.round(points[list(below)]).astype(int).T
        skin = np.median(portrait.texture[y, x], axis=0)
        lashes = points[[corners[0], *upper, corners[1]]]
        texture = _blend(texture, skin, _polygon(texture, wider))
        texture = _blend(texture, skin * LASH_BRIGHTNESS, _line(texture, lashes))
    return replace(portrait, texture=np.clip(texture, 0, 255).astype(np.uint8))


def _blend(texture: F32, colour: F32, weight: F32) -> F32:
    """Mix one colour into a picture; weight (H, W) says where."""
    share = weight[..., None]
    return np.asarray(texture * (1 - share) + colour * share, np.float32)


def _polygon(texture: F32 | U8, outline: F32) -> F32:
    """(H, W) 1 inside the outline, 0 outside, with a soft edge of a pixel or two."""
    mask = np.zeros(texture.shape[:2], np.float32)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.5), np.float32)


def _line(texture: F32, points: F32) -> F32:
    """(H, W) 1 on the line, 0 beside it."""
    mask = np.zeros(texture.shape[:2], np.uint8)
    steps = np.round(points * 8).astype(np.int32)  # eighths of a pixel
    cv2.polylines(mask, [steps], isClosed=False, color=255, thickness=5, lineType=16, shift=3)
    return np.asarray(mask / 255.0, np.float32)

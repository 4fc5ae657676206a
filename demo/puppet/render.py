"""What a camera would see of a portrait at another head pose.

The mesh is turned about its centre, seen in perspective, and filled from the texture by one remap:
every pixel of every triangle is a candidate, the nearest one wins. On plain grey, never on the
photo: a photo left behind pulls the mesh back to the old outline (measured: yaw slope 0.42 instead
of 0.65).

Camera frame: x right in the picture, y down, z away; angles as in `rapt.v1.Observation`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from demo.puppet.lids import with_lids
from demo.puppet.mesh import F32, FACE_POINTS, I32, signed_areas
from demo.puppet.portrait import U8, Portrait

DEPTH = 1.3
"""Factor on the mesh's own depth, which is too flat: the true one lies within 1.0 and 1.5 of it; at
1.3 a head that is drawn at an angle is measured at that angle by the yaw gain 1.25 of the
perception."""

FOCAL_FACES = 5.0
"""Distance of the camera, face widths: about 70 cm, as before a laptop."""

FACE_PX = 118.0
"""Width of a face in a frame of 320 pixels: someone at a laptop; its eyes are 70 pixels apart."""

GREY = 128
"""Brightness of the wall behind everyone."""

SUPERSAMPLE = 2
"""Drawn larger by this factor and then averaged, so that edges are smooth."""

SMALLEST_PX2 = 1e-3
"""Twice the area below which a triangle is not drawn: turned away, or shrunk to a line."""

SEAM = 1e-3
"""How far a triangle reaches over its edge, share of its height, so that no seam shows."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the head is and where it points."""

    yaw_rad: float = 0.0
    """Positive towards the image left."""
    pitch_rad: float = 0.0
    """Positive up."""
    roll_rad: float = 0.0
    """Positive clockwise in the image."""
    face_px: float = FACE_PX
    """Width of the unturned face in the frame."""
    centre_x: float = 0.5
    """Centre of the face, share of the frame's width."""
    centre_y: float = 0.5
    """Centre of the face, share of the frame's height."""


def rotation(view: View) -> F32:
    """(3, 3) matrix that turns a head that looks into the lens to the view's angles."""
    yaw, pitch, roll = view.yaw_rad, -view.pitch_rad, view.roll_rad
    sin, cos = np.sin, np.cos
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float32)


def project(points: F32, view: View, width: int, height: int) -> F32:
    """Turn the points and see them in perspective.

    Args:
        points: (L, 3) in pixels of the texture.
        view: the pose.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Returns:
        (L, 3): picture x and y, and the distance behind the face's centre, all in pixels.
    """
    solid = points.astype(np.float32) * np.array([1, 1, DEPTH], np.float32)
    face_width = float(np.ptp(points[:FACE_POINTS, 0]))
    turned = (solid - solid[:FACE_POINTS].mean(axis=0)) @ rotation(view).T
    turned *= view.face_px / face_width
    away = FOCAL_FACES * view.face_px
    seen = turned[:, :2] * (away / (away + turned[:, 2:]))
    seen += np.array([view.centre_x * width, view.centre_y * height], np.float32)
    return np.concatenate([seen, turned[:, 2:]], axis=1).astype(np.float32)


def render(
    portrait: Portrait, view: View, *, closed: float = 0.0, width: int = 320, height: int = 240
) -> U8:
    """Draw one frame.

    Args:
        portrait: whose face.
        view: where it points.
        closed: how far the lids are closed, 0 as in the portrait .. 1 shut.
        width: of the frame, pixels.
        height: of the frame, pixels.

    Returns:
        (height, width, 3) RGB.
    """
    big = (width * SUPERSAMPLE, height * SUPERSAMPLE)
    near = View(
        view.yaw_rad,
        view.pitch_rad,
        view.roll_rad,
        view.face_px * SUPERSAMPLE,
        view.centre_x,
        view.centre_y,
    )
    face = with_lids(portrait.points, closed)[:FACE_POINTS]
    drawn = project(face, near, *big)
    map_xy, covered = source_map(drawn, portrait.points[:, :2], portrait.triangles, *big)
    picture = cv2.remap(
        portrait.texture,
        map_xy[..., 0],
        map_xy[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    picture[~covered] = GREY
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def source_map(
    drawn: F32, source_px: F32, triangles: I32, width: int, height: int
) -> tuple[F32, np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """For each pixel of the picture, the texture point that it shows.

    Args:
        drawn: (468, 3) picture x, y and depth of the points.
        source_px: (L, 2) the same points in the texture.
        triangles: (T, 3) corners, clockwise when they face the camera.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Returns:
        (height, width, 2) texture coordinates, and which pixels are covered.
    """
    area = signed_areas(drawn[:, :2], triangles)
    front = triangles[area > SMALLEST_PX2]
    x, y, owner = _candidates(drawn[:, :2], front, width, height)
    weights = _barycentric(drawn[:, :2], front[owner], x, y)
    inside = (weights >= -SEAM).all(axis=1)
    x, y, corners, weights = x[inside], y[inside], front[owner[inside]], weights[inside]
    depth = (drawn[corners, 2] * weights).sum(axis=1)
    order = np.argsort(-depth, kind="stable")  # the last write wins: the nearest
    map_xy = np.zeros((height, width, 2), np.float32)
    map_xy[y[order], x[order]] = (source_px[corners] * weights[..., None]).sum(axis=1)[order]
    covered = np.zeros((height, width), np.bool_)
    covered[y, x] = True
    return map_xy, covered


def _candidates(points_px: F32, triangles: I32, width: int, height: int) -> tuple[I32, I32, I32]:
    """Every pixel in the box around every triangle: x, y and the triangle, each (M,)."""
    corners = points_px[triangles]
    limit = np.array([width - 1, height - 1])
    low = np.clip(np.floor(corners.min(axis=1)), 0, limit).astype(np.int32)
    high = np.clip(np.ceil(corners.max(axis=1)), -1, limit).astype(np.int32)
    size = np.maximum(high - low + 1, 0)
    counts = size[:, 0] * size[:, 1]
    owner = np.repeat(np.arange(len(triangles), dtype=np.int32), counts)
    step = np.arange(counts.sum(), dtype=np.int32) - np.repeat(np.cumsum(counts) - counts, counts)
    wide = size[owner, 0]
    x = low[owner, 0] + step % wide
    y = low[owner, 1] + step // wide
    return x.astype(np.int32), y.astype(np.int32), owner


def _barycentric(points_px: F32, corners: I32, x: I32, y: I32) -> F32:
    """(M, 3) weights of the corners at the middle of each pixel."""
    a, b, c = (points_px[corners[:, corner]] for corner in range(3))
    p = np.stack([x, y], axis=1).astype(np.float32)
    total = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    first = (b[:, 0] - p[:, 0]) * (c[:, 1] - p[:, 1]) - (b[:, 1] - p[:, 1]) * (c[:, 0] - p[:, 0])
    second = (c[:, 0] - p[:, 0]) * (a[:, 1] - p[:, 1]) - (c[:, 1] - p[:, 1]) * (a[:, 0] - p[:, 0])
    weights = np.stack([first, second, total - first - second], axis=1) / total[:, None]
    return np.asarray(weights, dtype=np.float32)

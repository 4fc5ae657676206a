"""Pictures of puppets whose truth is known: any head pose, distance, light, blur, occlusion."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import cv2
import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # has no annotations

from demo.puppet.portrait import U8, Portrait
from demo.puppet.poses import Pose
from demo.puppet.render import FACE_PX, GREY, View, project, render

WIDTH, HEIGHT = 320, 240
QUALITY_PCT = 60
"""As a browser sends by default."""

YAWS_DEG = tuple(range(-40, 41, 10))
PITCHES_DEG = tuple(range(-25, 26, 5))
ROLLS_DEG = tuple(range(-30, 31, 10))

MOUTH, EYE = (61, 291), (33, 133)
"""Landmarks at both ends of what a mask or a hand covers."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the picture is taken."""

    kind: str = "plain"
    """Which bins it belongs to."""
    value: str = ""
    """Which bin."""
    face_px: float = FACE_PX
    """Width of the face in a frame of 320 pixels."""
    gain: float = 1.0
    """Factor on every pixel."""
    blur_px: float = 0.0
    """Standard deviation of the blur."""
    noise: float = 3.0
    """Standard deviation of the sensor's noise, of 255 levels."""
    covers: tuple[int, int] | None = None
    """A bar over what lies between these landmarks."""


PLAIN = Condition()
CONDITIONS = (
    *(Condition("distance", f"{px} px", face_px=px) for px in (45, 60, 80, 118, 160)),
    *(Condition("light", f"{gain:g} ×", gain=gain) for gain in (0.25, 0.5, 1.0, 1.6)),
    *(Condition("blur", f"{blur:g} px", blur_px=blur) for blur in (0.0, 1.0, 2.0, 3.0)),
    *(Condition("noise", f"{noise:g}", noise=noise) for noise in (3.0, 8.0, 16.0)),
    Condition("occlusion", "none"),
    Condition("occlusion", "mouth", covers=MOUTH),
    Condition("occlusion", "one eye", covers=EYE),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture and its truth."""

    portrait: str
    pose: Pose
    condition: Condition
    image: bytes


def head_poses(count: int, *, seed: int) -> list[Pose]:
    """Poses along each axis, then random ones with all three turned."""
    chance = Random(seed)  # noqa: S311 - a draw, no secret
    axes = [
        *(Pose(yaw_deg=yaw) for yaw in YAWS_DEG),
        *(Pose(pitch_deg=pitch) for pitch in PITCHES_DEG),
        *(Pose(roll_deg=roll) for roll in ROLLS_DEG),
    ]
    mixed = [
        Pose(chance.uniform(-40, 40), chance.uniform(-20, 15), chance.uniform(-20, 20))
        for _ in range(count)
    ]
    return [*axes, *mixed]


def shots(
    portraits: Sequence[Portrait], poses: Sequence[Pose], condition: Condition, *, seed: int = 1
) -> Iterator[Shot]:
    """Draw every pose of every portrait; the unturned view first, since all is compared with it."""
    noise = np.random.default_rng(seed)
    for portrait in portraits:
        for pose in (Pose(), *poses):
            picture = taken(draw(portrait, pose, condition), condition, noise)
            yield Shot(portrait.name, pose, condition, jpeg(picture))


def draw(portrait: Portrait, pose: Pose, condition: Condition) -> U8:
    """(240, 320, 3) RGB of one pose, with the bar of the condition."""
    view = View(
        math.radians(pose.yaw_deg),
        math.radians(pose.pitch_deg),
        math.radians(pose.roll_deg),
        face_px=condition.face_px,
    )
    picture = render(portrait, view, closed=pose.closed, width=WIDTH, height=HEIGHT)
    if condition.covers is not None:
        ends = project(portrait.points, view, WIDTH, HEIGHT)[list(condition.covers), :2]
        thick = max(3, round(0.16 * condition.face_px))
        first, last = (tuple(map(int, end)) for end in np.round(ends))
        picture = np.ascontiguousarray(picture)
        cv2.line(picture, first, last, (GREY // 2,) * 3, thick)
    return picture


def taken(picture: U8, condition: Condition, noise: np.random.Generator) -> U8:
    """The picture as a camera takes it under that condition."""
    seen = picture.astype(np.float32)
    if condition.blur_px:
        seen = cv2.GaussianBlur(seen, (0, 0), condition.blur_px).astype(np.float32)
    grain = noise.normal(0, condition.noise, picture.shape)
    return np.clip(seen * condition.gain + grain, 0, 255).astype(np.uint8)


def jpeg(picture: U8, quality_pct: int = QUALITY_PCT) -> bytes:
    """Compress (H, W, 3) RGB."""
    return bytes(simplejpeg.encode_jpeg(picture, quality=quality_pct, colorspace="RGB"))


def at(condition: Condition, face_px: float) -> Condition:
    """The same condition from another distance."""
    return replace(condition, face_px=face_px)

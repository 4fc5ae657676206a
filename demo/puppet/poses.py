"""How each mood looks: a few head poses with gaze and lids, drawn once per portrait.

Chosen to be plain to a person: who is away looks at something beside the screen, who drifts looks
at the desk.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from demo.puppet.lids import with_gaze, with_shut_lids
from demo.puppet.portrait import U8, Portrait
from demo.puppet.render import FACE_PX, GREY, View, render
from demo.script import Mood

WIDTH, HEIGHT = 320, 240
"""What a browser sends by default."""


# Yaw and pitch of the head, degrees.
OVER_THE_SCREEN = ((0, 0), (-5, 1), (5, 1), (-3, -3), (4, -3), (0, 3), (-6, -1), (6, 0))
OVER_THE_DESK = ((0, -25), (-5, -27), (5, -26), (-3, -23), (4, -28))
TO_THE_SIDES = ((36, 2), (40, -2), (44, 0), (-36, 2), (-40, -2), (-44, 0))
UPRIGHT = ((0, -2), (-4, 0), (4, -3), (2, 1))


@dataclass(frozen=True, slots=True)
class Pose:
    """One way to hold the head and the eyes, degrees."""

    yaw_deg: float = 0.0
    """Positive towards the image left."""
    pitch_deg: float = 0.0
    """Positive up."""
    roll_deg: float = 0.0
    """Positive clockwise in the image."""
    gaze_aside: float = 0.0
    """Irises towards the image right, eye widths."""
    gaze_down: float = 0.0
    """Irises towards the chin, eye widths."""
    closed: float = 0.0
    """Lids, 0 as in the portrait .. 1 shut."""


Drawn = Mapping[Mood, Sequence[U8]]
"""The frames of one portrait by mood."""


def poses_of(mood: Mood) -> list[Pose]:
    """The poses of a mood, always the same ones."""
    match mood:
        case Mood.FOCUSED:
            return [
                Pose(yaw, pitch, roll_deg=yaw / 3, gaze_aside=-yaw / 250)
                for yaw, pitch in OVER_THE_SCREEN
            ]
        case Mood.DRIFTING:
            return [
                Pose(yaw, pitch, gaze_down=0.06, closed=0.25, roll_deg=-yaw / 2)
                for yaw, pitch in OVER_THE_DESK
            ]
        case Mood.AWAY:
            return [
                Pose(yaw, pitch, gaze_aside=-math.copysign(0.06, yaw))
                for yaw, pitch in TO_THE_SIDES
            ]
        case Mood.EYES_CLOSED:
            return [Pose(yaw, pitch, closed=1.0, roll_deg=yaw) for yaw, pitch in UPRIGHT]
        case Mood.ABSENT:
            return []


def draw_poses(portrait: Portrait, *, seed: int = 1) -> Drawn:
    """Draw every pose of every mood, 320x240; about a second for a portrait."""
    wall = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    drawn: dict[Mood, Sequence[U8]] = {Mood.ABSENT: [wall]}
    order = Random(seed)  # noqa: S311 - a play, no secret
    for mood in (Mood.FOCUSED, Mood.DRIFTING, Mood.AWAY, Mood.EYES_CLOSED):
        poses = poses_of(mood)
        order.shuffle(poses)
        drawn[mood] = [draw(portrait, pose) for pose in poses]
    return drawn


def draw(portrait: Portrait, pose: Pose, *, face_px: float = FACE_PX) -> U8:
    """(240, 320, 3) RGB frame of one pose."""
    face = with_shut_lids(portrait) if pose.closed >= 1 else portrait
    if pose.gaze_aside or pose.gaze_down:
        face = with_gaze(face, pose.gaze_aside, pose.gaze_down)
    view = View(
        yaw_rad=math.radians(pose.yaw_deg),
        pitch_rad=math.radians(pose.pitch_deg),
        roll_rad=math.radians(pose.roll_deg),
        face_px=face_px,
    )
    return render(face, view, closed=pose.closed, width=WIDTH, height=HEIGHT)

"""What both look at: portraits, puppets at known poses, and clips where there are any.

JPEGs are those of the student's page: a browser's canvas halves the colours' width and height
below the highest quality (4:2:0), and the page asks for a quality of 60.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # has no annotations

from demo.puppet.landmarks import SITTERS, load_portraits
from demo.puppet.portrait import U8, Portrait
from demo.puppet.render import FACE_PX, View, render
from inference.models.folder import ModelFolder, PictureName
from inference.models.portrait import read_pixels

QUALITY_PCT = 60
SUBSAMPLING = "420"
CLIP = "blink_face.mp4"
"""One person before a webcam, 24 frames a second; not ours to give away."""

NO_FACES: tuple[PictureName, ...] = ("chelsea", "coffee", "brick")
COMPANY_TURNS_DEG = (-20, -10, 0, 10, 20)
TURNS_DEG = (-40, -25, -10, 0, 10, 25, 40)
NODS_DEG = (-30, -15, 0, 15, 30)
WIDTHS_PX = (320, 640)
TURNING_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Scene:
    """Some frames."""

    name: str
    frames: tuple[bytes, ...] = field(repr=False)
    follows: bool
    """Whether each goes on where the one before it ended."""
    width: int = 0
    """Of every frame, pixels, where they follow each other."""
    faces: int = 1
    """In a frame, at most."""


def stills(folder: ModelFolder) -> Iterator[Scene]:
    """Pictures that have nothing to do with each other."""
    pictures = [read_pixels(folder.portrait(name)) for name in SITTERS]
    smaller = [np.asarray(cv2.resize(p, None, fx=0.6, fy=0.6), np.uint8) for p in pictures]
    yield Scene("portraits", tuple(jpeg(p) for p in (*pictures, *smaller)), follows=False)
    portraits = load_portraits(folder)
    for width in WIDTHS_PX:
        scale = width / WIDTHS_PX[0]
        views = [View(np.radians(yaw), np.radians(pitch)) for yaw, pitch in poses()]
        sizes = [View(face_px=px, centre_x=0.4) for px in (70.0, 90.0, 150.0)]
        drawn = [draw(who, view, scale) for who in portraits for view in (*views, *sizes)]
        yield Scene(f"puppets {width} px", tuple(map(jpeg, drawn)), follows=False)


def without_faces(folder: ModelFolder) -> Scene:
    """A cat, a cup and a wall: whole, and cut into quarters."""
    cuts = []
    for name in NO_FACES:
        whole = read_pixels(folder.portrait(name))
        height, width = whole.shape[0] // 2, whole.shape[1] // 2
        cuts.append(whole)
        cuts += [whole[y : y + height, x : x + width] for y in (0, height) for x in (0, width)]
    return Scene("no face", tuple(map(jpeg, cuts)), follows=False)


def company(folder: ModelFolder) -> Scene:
    """Two people before one camera, one of them nearer."""
    portraits = load_portraits(folder)
    drawn = []
    for near, far in (portraits, portraits[::-1]):
        for yaw in COMPANY_TURNS_DEG:
            left = View(np.radians(yaw), face_px=150.0, centre_x=0.27)
            right = View(np.radians(-yaw), face_px=110.0, centre_x=0.76)
            halves = draw(near, left, 2.0), draw(far, right, 2.0)
            middle = halves[0].shape[1] // 2
            drawn.append(np.concatenate([halves[0][:, :middle], halves[1][:, middle:]], axis=1))
    return Scene("two faces", tuple(map(jpeg, drawn)), follows=False, faces=2)


def turning(
    portrait: Portrait, width: int, frames: int = TURNING_FRAMES, *, period: int = TURNING_FRAMES
) -> Scene:
    """A head that turns, nods, leans and comes nearer, without a jump.

    Args:
        portrait: whose.
        width: of a frame, pixels.
        frames: how many.
        period: frames until it is back; 64 is in a hurry, at 24 a second.
    """
    scale = width / WIDTHS_PX[0]
    drawn = []
    for at in 2 * np.pi * np.arange(frames) / period:
        view = View(
            yaw_rad=np.radians(30) * np.sin(at),
            pitch_rad=np.radians(12) * np.sin(2 * at),
            roll_rad=np.radians(8) * np.sin(at + 1),
            face_px=FACE_PX * (1 + 0.15 * np.cos(at)),
            centre_x=0.5 + 0.08 * np.sin(at),
        )
        drawn.append(jpeg(draw(portrait, view, scale)))
    return Scene(f"turning {portrait.name} {width} px", tuple(drawn), follows=True, width=width)


def clip(
    data: Path, *, width: int, every: int = 1, skip: int = 0, most: int | None = None
) -> Scene | None:
    """A person before a webcam, where that clip is there: every so many frames after the first."""
    path = data / CLIP
    if not path.is_file():
        return None
    video = cv2.VideoCapture(str(path))
    frames: list[bytes] = []
    index = 0
    while most is None or len(frames) < most:
        is_there, bgr = video.read()
        if not is_there:
            break
        if index >= skip and index % every == 0:
            size = (width, round(bgr.shape[0] * width / bgr.shape[1]))
            rgb = cv2.cvtColor(
                cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB
            )
            frames.append(jpeg(np.asarray(rgb, np.uint8)))
        index += 1
    video.release()
    name = f"clip {width} px, {24 / every:g} fps"
    return Scene(name, tuple(frames), follows=True, width=width)


def draw(portrait: Portrait, view: View, scale: float) -> U8:
    """Draw a view that is meant for 320 x 240 pixels larger."""
    near = View(
        view.yaw_rad,
        view.pitch_rad,
        view.roll_rad,
        view.face_px * scale,
        view.centre_x,
        view.centre_y,
    )
    return render(portrait, near, width=round(320 * scale), height=round(240 * scale))


def poses() -> list[tuple[int, int]]:
    """Yaw and pitch in degrees."""
    return [*((yaw, 0) for yaw in TURNS_DEG), *((0, nod) for nod in NODS_DEG), (20, -12), (-20, 12)]


def jpeg(rgb: U8) -> bytes:
    """Encode a picture."""
    pixels = np.ascontiguousarray(rgb)
    encoded = simplejpeg.encode_jpeg(
        pixels, quality=QUALITY_PCT, colorspace="RGB", colorsubsampling=SUBSAMPLING
    )
    return bytes(encoded)

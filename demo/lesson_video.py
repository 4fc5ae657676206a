"""The video that the class watches: slides on how waves add up, drawn here, VP8 in WebM.

Run as a program it writes one file: `python -m demo.lesson_video FILE SECONDS`. The demo runs it as
a child, so that drawing takes no time from the class and the encoder's remarks do not reach the
terminal.
"""

import asyncio
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from rapt.errors import Fault

U8 = NDArray[np.uint8]

WIDTH, HEIGHT, FPS = 640, 360, 10
"""Enough for slides; a minute takes five seconds to draw and has three megabytes."""

MAX_FRAMES = 1200
"""A longer lesson has fewer frames a second, so that drawing it stays a matter of seconds."""

MEDIA_TYPE = "video/webm"
TITLE = "How waves add up"

SLIDES: Final = (
    ("One wave", "f(t) = sin t", 1),
    ("Add the third harmonic", "f(t) = sin t + 1/3 sin 3t", 2),
    ("And the fifth", "f(t) = sin t + 1/3 sin 3t + 1/5 sin 5t", 3),
    ("Seven terms: corners appear", "f(t) = sum of sin(kt)/k, k = 1, 3 ... 13", 7),
    ("The overshoot stays: Gibbs", "9 % of the step, however many terms", 15),
    ("Summary: any shape is a sum of waves", "f(t) = sum of b(k) sin(kt)", 31),
)
"""Heading, formula and number of odd harmonics; all slides take the same time."""

# Blue, green, red.
PAPER, PANEL, HAIR = (18, 16, 14), (36, 32, 28), (60, 54, 48)
INK, FAINT, LINE, TRACE = (240, 238, 236), (180, 173, 165), (255, 166, 142), (165, 209, 79)

LEFT, RIGHT, TOP, BOTTOM = 40, 600, 128, 308
"""The plot, pixels."""


def draw_slide(number: int) -> U8:
    """(360, 640, 3) BGR of what stands still on a slide; drawn twice as large for smooth type."""
    heading, formula, _ = SLIDES[number]
    big = np.full((2 * HEIGHT, 2 * WIDTH, 3), PAPER, np.uint8)
    cv2.rectangle(big, (2 * LEFT - 24, 2 * TOP - 16), (2 * RIGHT + 24, 2 * BOTTOM + 16), PANEL, -1)
    for share in (0.25, 0.5, 0.75):
        y = round(2 * (TOP + share * (BOTTOM - TOP)))
        cv2.line(big, (2 * LEFT, y), (2 * RIGHT, y), HAIR, 1)
    _write(big, TITLE, (80, 64), 0.8, FAINT)
    _write(big, heading, (80, 130), 1.7, INK)
    _write(big, formula, (80, 200), 1.2, LINE)
    _write(big, f"{number + 1} / {len(SLIDES)}", (1110, 64), 0.8, FAINT)
    return np.asarray(cv2.resize(big, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def draw_frame(slide: U8, number: int, *, at_s: float, length_s: float) -> U8:
    """(360, 640, 3) BGR frame: the slide with its moving wave, the clock and the progress bar."""
    frame = slide.copy()
    t = np.linspace(0, 4 * math.pi, 280)
    wave = wave_of(t + 0.8 * at_s, SLIDES[number][2])
    x = np.linspace(LEFT, RIGHT, len(t))
    y = (TOP + BOTTOM) / 2 - wave * 0.36 * (BOTTOM - TOP)
    points = np.round(np.stack([x, y], axis=1) * 8).astype(np.int32)
    cv2.polylines(frame, [points], isClosed=False, color=LINE, thickness=2, lineType=16, shift=3)
    dot = (int(points[len(t) // 2, 0]), int(points[len(t) // 2, 1]))
    cv2.circle(frame, dot, 6 * 8, TRACE, -1, 16, shift=3)
    clock = f"{int(at_s) // 60}:{int(at_s) % 60:02d}"
    _write(frame, clock, (LEFT, 344), 0.5, FAINT)
    cv2.line(frame, (90, 339), (RIGHT, 339), HAIR, 2)
    cv2.line(frame, (90, 339), (90 + round((RIGHT - 90) * at_s / length_s), 339), TRACE, 2)
    return frame


def wave_of(t: NDArray[np.float64], terms: int) -> NDArray[np.float64]:
    """Sum of the first odd harmonics of a square wave, (N,) around -1..1."""
    k = 2 * np.arange(terms)[:, None] + 1
    return np.asarray((np.sin(k * t) / k).sum(axis=0) * 4 / math.pi)


def write_video(path: Path, seconds: int) -> None:
    """Draw and encode the whole video.

    Raises:
        Fault: this OpenCV cannot encode VP8.
    """
    fps = max(1, min(FPS, MAX_FRAMES // seconds))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), fps, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise Fault("this OpenCV cannot write WebM; the class goes on without a picture")
    slides = [draw_slide(number) for number in range(len(SLIDES))]
    for index in range(seconds * fps):
        at_s = index / fps
        number = min(int(at_s * len(SLIDES) / seconds), len(SLIDES) - 1)
        writer.write(draw_frame(slides[number], number, at_s=at_s, length_s=seconds))
    writer.release()


async def make_video(seconds: int) -> bytes:
    """Let a child draw the video and return it; nothing stays on disk.

    Raises:
        Fault: the child failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lesson.webm"
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __spec__.name, str(path), str(seconds)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, words = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode != 0:
            last = words.decode(errors="replace").strip().splitlines()[-1:]
            raise Fault(f"the lesson's video could not be drawn: {' '.join(last)}")
        return await asyncio.to_thread(path.read_bytes)


def _write(
    picture: U8, text: str, place: tuple[int, int], size: float, colour: tuple[int, int, int]
) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_DUPLEX, size, colour, 1, cv2.LINE_AA)


def main(arguments: Sequence[str]) -> None:
    """Write the file that the arguments name."""
    cv2.setNumThreads(1)  # the services need the other cores
    write_video(Path(arguments[0]), int(arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])

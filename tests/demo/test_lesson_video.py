"""The drawn lesson is a video that moves, and of the right length."""

import cv2
import numpy as np
import pytest
from rapt.errors import Fault

from demo import lesson_video
from demo.lesson_video import HEIGHT, SLIDES, WIDTH, draw_frame, draw_slide, make_video


async def test_the_video_has_its_length_and_size(tmp_path: object) -> None:
    """What a player shows is what was asked for."""
    video = await make_video(6)
    assert video[:4] == b"\x1a\x45\xdf\xa3", "Matroska's own signature"
    path = f"{tmp_path}/lesson.webm"
    with open(path, "wb") as file:  # noqa: ASYNC230, PTH123 - a small file of a test
        file.write(video)
    player = cv2.VideoCapture(path)
    length_s = player.get(cv2.CAP_PROP_FRAME_COUNT) / player.get(cv2.CAP_PROP_FPS)
    assert length_s == pytest.approx(6, abs=0.2)
    assert player.get(cv2.CAP_PROP_FRAME_WIDTH) == WIDTH
    assert player.get(cv2.CAP_PROP_FRAME_HEIGHT) == HEIGHT


async def test_a_lesson_that_cannot_be_drawn_says_so() -> None:
    """The child's last words reach the caller."""
    with pytest.raises(Fault, match="could not be drawn"):
        await make_video(0)


def test_every_slide_differs_and_moves() -> None:
    """The class has something to look at."""
    slides = [draw_slide(number) for number in range(len(SLIDES))]
    assert len({slide.tobytes() for slide in slides}) == len(SLIDES)
    first = draw_frame(slides[0], 0, at_s=0.0, length_s=60)
    later = draw_frame(slides[0], 0, at_s=1.0, length_s=60)
    assert (first != later).any()


def test_the_sum_comes_near_the_square_wave() -> None:
    """More terms, less error away from the jump."""
    t = np.linspace(0.5, 2.6, 50)
    errors = [abs(lesson_video.wave_of(t, terms) - 1).mean() for terms in (1, 3, 31)]
    assert errors == sorted(errors, reverse=True)

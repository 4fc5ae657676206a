"""A user's own file before the camera."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]  # has no annotations
from rapt.errors import Misconfigured

from demo.playing import played_by
from demo.script import Mood
from demo.user_video import FileCamera, only_part

FPS, FRAMES = 10, 30


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three seconds that grow brighter by the frame."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    for index in range(FRAMES):
        writer.write(np.full((480, 640, 3), 8 * index, np.uint8))
    writer.release()
    return path


def level_of(jpeg: bytes) -> int:
    """Number of the frame that a picture shows."""
    return round(float(simplejpeg.decode_jpeg(jpeg).mean()) / 8)


def test_frames_are_those_of_their_time(clip: Path) -> None:
    """Half a second later is five frames further."""
    camera = FileCamera(clip)
    levels = [level_of(camera.frame(Mood.FOCUSED, at_s)) for at_s in (0.0, 0.5, 1.0, 2.0)]
    assert levels == [0, 5, 10, 20]


def test_a_short_file_starts_over(clip: Path) -> None:
    """The class may last longer than the file."""
    camera = FileCamera(clip)
    assert level_of(camera.frame(Mood.FOCUSED, 3.5)) == 5
    assert level_of(camera.frame(Mood.FOCUSED, 7.0)) == 10


def test_frames_are_made_as_small_as_a_browsers(clip: Path) -> None:
    """The shape stays, the width is 320."""
    assert simplejpeg.decode_jpeg(FileCamera(clip).frame(Mood.FOCUSED, 0)).shape == (240, 320, 3)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    """One sentence names the file."""
    path = tmp_path / "notes.txt"
    path.write_text("no video")
    with pytest.raises(Misconfigured, match=r"notes\.txt is not a video"):
        FileCamera(path)


def test_the_only_part_plays_to_the_end() -> None:
    """Whoever sits in the file is taken to watch everything."""
    part = only_part(30)
    player = played_by(part.deeds, 30_000)
    assert player.is_ended
    assert part.is_completed
    assert part.scenes[-1].to_ms == part.ends_ms

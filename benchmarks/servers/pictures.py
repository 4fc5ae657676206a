"""The pictures that streams send: any JPEG for the sleep model, a face for the networks."""

from contextlib import suppress

import cv2
import numpy as np
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder

WIDTH, HEIGHT = 320, 240
FRAME_BYTES = 10_800
"""What a JPEG of this size has with a face in it."""


def any_picture() -> bytes:
    """Return a picture of exactly `FRAME_BYTES`: soft noise as JPEG, filled up behind its end."""
    noise = np.random.default_rng(1).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    soft = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for quality in range(95, 5, -5):
        jpeg = cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(jpeg) <= FRAME_BYTES:
            return jpeg.ljust(FRAME_BYTES, b"\0")
    raise AssertionError("soft noise fits at the lowest quality")


def face_picture(folder: ModelFolder) -> tuple[bytes, bool]:
    """Return a picture as a webcam sends it, and whether there is a face in it.

    Faces are fetched with the models; without them the picture is grey.
    """
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    with suppress(Misconfigured):
        portrait = cv2.imread(str(folder.portrait("astronaut")))
        if portrait is not None:
            side = cv2.resize(portrait, (HEIGHT, HEIGHT))
            left = (WIDTH - HEIGHT) // 2
            picture[:, left : left + HEIGHT] = side
            return cv2.imencode(".jpg", picture)[1].tobytes(), True
    return cv2.imencode(".jpg", picture)[1].tobytes(), False

"""The picture that every stream sends: a JPEG of 320×240, about as large as one with a face."""

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 240


def picture(frame_bytes: int = 10_800) -> bytes:
    """Return a picture of exactly that many bytes: soft noise as JPEG, filled up behind its end."""
    chance = np.random.default_rng(1)
    noise = chance.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    soft = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for quality in range(95, 5, -5):
        jpeg = cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(jpeg) <= frame_bytes:
            return jpeg.ljust(frame_bytes, b"\0")
    raise ValueError(f"no JPEG of {WIDTH}×{HEIGHT} has only {frame_bytes} bytes")

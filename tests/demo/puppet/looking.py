"""Looking at one drawn picture with the real networks."""

import simplejpeg  # type: ignore[import-untyped]  # has no annotations

from demo.puppet.portrait import U8
from inference.perception.observation import Observation
from inference.perception.pipeline import Look, Pipeline, Seen


def seen_in(pipeline: Pipeline, picture: U8) -> Observation:
    """Look at one picture as if it came from a camera."""
    image = bytes(simplejpeg.encode_jpeg(picture, quality=60, colorspace="RGB"))
    [answer] = pipeline.observe([Look(image)])
    assert isinstance(answer, Seen)
    return answer.observation

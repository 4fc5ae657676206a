"""How many frames a second do the real networks do at best, in one process without a server?"""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers.pictures import face_picture
from inference.models.folder import ModelFolder
from inference.perception.look import Look, Seen
from inference.perception.pipeline import Pipeline

WARM_UP_RUNS = 10
SECONDS = 1.0  # for each size of a batch


@dataclass(frozen=True, slots=True)
class Networks:
    """The built models, and what they can do here."""

    folder: Path
    picture: bytes
    has_face: bool
    capacity_per_s: float
    """Frames a second in the best size of a batch, decoding included, nothing beside it."""


def measured(models: Path) -> Networks:
    """Open the networks and measure them.

    Raises:
        Misconfigured: they are not built.
    """
    folder = ModelFolder(models)
    picture, has_face = face_picture(folder)
    pipeline = Pipeline.load(folder)
    capacity_per_s = max(_rate(pipeline, picture, batch) for batch in pipeline.buckets)
    pipeline.close()
    return Networks(models.absolute(), picture, has_face, capacity_per_s)


def _rate(pipeline: Pipeline, picture: bytes, batch: int) -> float:
    """Return frames a second in batches of one size, each stream followed as a worker does."""
    looks = [Look(picture)] * batch
    for _ in range(WARM_UP_RUNS):
        looks = _next(pipeline, looks)
    runs, began_s = 0, time.perf_counter()
    while (lasted_s := time.perf_counter() - began_s) < SECONDS:
        looks = _next(pipeline, looks)
        runs += 1
    return runs * batch / lasted_s


def _next(pipeline: Pipeline, looks: list[Look]) -> list[Look]:
    seen = pipeline.observe(looks)
    tracks = [one.track if isinstance(one, Seen) else None for one in seen]
    return [Look(look.image, track) for look, track in zip(looks, tracks, strict=True)]

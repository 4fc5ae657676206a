"""From a batch of frames to what is seen in each: the order of the steps, and nothing else.

decode -> follow (mesh; detect where there is no track) -> measure (pose, eyes, gaze, quality).

One pipeline serves many streams and one thread at a time. It remembers nothing between calls: what
a stream needs for its next frame leaves as its `Track` and comes back with its next `Look`.
A frame that cannot be read is an answer, not an exception, and does not touch its neighbours.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import structlog
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder
from inference.perception import detect, mesh
from inference.perception.decode import Picture, Unreadability, Unreadable, decode
from inference.perception.measure import measure, no_face
from inference.perception.networks import (
    CPU_PROVIDER,
    Network,
    Provider,
    buckets_of,
    choose_provider,
)
from inference.perception.observation import Observation
from inference.perception.pose import Reference
from inference.perception.track import Followed, Follower, Track

__all__ = ["Look", "Pipeline", "Seen", "Track", "Unreadability", "Unreadable"]

log = structlog.get_logger()

SEARCH_PX = 640
"""Longer side of a picture that is searched for faces; larger ones are decoded smaller."""
FACE_PX = 230
"""Side of the followed region, 1.2 times the mesh's input."""

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Look:
    """One frame to look at, and where its stream's face was."""

    image: bytes = field(repr=False)
    """JPEG, PNG or WebP, unmirrored. Left out of every representation, so that no log holds it."""
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame showed."""

    observation: Observation
    track: Track | None
    """For the stream's next look; None when there is no face."""


class Pipeline:
    """Looks at batches of frames."""

    def __init__(
        self, follower: Follower, reference: Reference, *, provider: str, threads: int
    ) -> None:
        self.provider = provider
        """ONNX Runtime's name of what it runs on."""
        self.buckets = buckets_of(provider)
        """Batch sizes that its networks run, ascending."""
        self._follower = follower
        self._reference = reference
        self._pool = ThreadPoolExecutor(threads, "decode") if threads > 1 else None

    @classmethod
    def load(cls, folder: ModelFolder, provider: Provider = "auto", threads: int = 1) -> "Pipeline":
        """Open and warm the networks.

        Args:
            folder: the built models.
            provider: where to run.
            threads: inside one network run, and for decoding.

        Raises:
            Misconfigured: a model is missing, or CUDA was asked for and is not there.
        """
        cv2.setNumThreads(threads)
        chosen = choose_provider(provider)
        try:
            follower = _open_follower(folder, chosen, threads)
        except Misconfigured as error:
            if provider != "auto" or chosen == CPU_PROVIDER:
                raise
            log.warning("provider_fell_back", wanted=chosen, used=CPU_PROVIDER, reason=str(error))
            chosen = CPU_PROVIDER
            follower = _open_follower(folder, chosen, threads)
        face = folder.reference_face()
        reference = Reference(face.points, face.weights)
        return cls(follower, reference, provider=chosen, threads=threads)

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Answer each look, in order; never raises for what a frame holds."""
        decoded = list(self._map(_decode, looks))
        readable = [i for i, item in enumerate(decoded) if isinstance(item, Picture)]
        pictures = [item for item in decoded if isinstance(item, Picture)]
        followed = self._follower.follow(pictures, [looks[index].track for index in readable])
        seen = iter(self._seen(pictures, followed))
        return [item if isinstance(item, Unreadable) else next(seen) for item in decoded]

    def close(self) -> None:
        """Stop the decoding threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def _seen(
        self, pictures: Sequence[Picture], followed: Sequence[Followed | None]
    ) -> Iterable[Seen]:
        faces = [(p, f) for p, f in zip(pictures, followed, strict=True) if f is not None]
        observations = iter(measure([p for p, _ in faces], [f for _, f in faces], self._reference))
        for picture, face in zip(pictures, followed, strict=True):
            if face is None:
                yield Seen(no_face(picture), None)
            else:
                yield Seen(next(observations), face.track(picture.pixels.shape[1]))

    def _map(self, work: Callable[[ItemT], ResultT], items: Sequence[ItemT]) -> Iterable[ResultT]:
        return map(work, items) if self._pool is None else self._pool.map(work, items)


def _open_follower(folder: ModelFolder, provider: str, threads: int) -> Follower:
    """Open and warm both networks."""
    finder = Network(
        folder.graph("face_detector"), detect.CONTRACT, provider=provider, threads=threads
    )
    meshes = Network(
        folder.graph("attention_mesh"), mesh.CONTRACT, provider=provider, threads=threads
    )
    finder.warm()
    meshes.warm()
    return Follower(detect.Detector(finder), mesh.Mesh(meshes))


def _decode(look: Look) -> Picture | Unreadable:
    if look.track is None:
        return decode(look.image, needed_px=SEARCH_PX)
    return decode(look.image, width_share=look.track.side, needed_px=FACE_PX)

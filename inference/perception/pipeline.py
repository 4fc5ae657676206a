"""From a batch of frames to what is seen in each: the order of the steps, and nothing else.

decode and cut -> follow (mesh; detect where there is no track) -> measure (pose, eyes, gaze,
quality).

One pipeline serves many streams and one thread at a time. It remembers nothing between calls: what
a stream needs for its next frame leaves as its `Track` and comes back with its next `Look`.
A frame that cannot be read is an answer, not an exception, and does not touch its neighbours.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import cv2
import structlog
from rapt.errors import Misconfigured

from inference.models.folder import GraphName, GraphVariant, ModelFolder
from inference.perception import detect, mesh
from inference.perception.decode import Picture, Unreadability, Unreadable, decode
from inference.perception.follow import Follower
from inference.perception.hands import Hands
from inference.perception.look import Face, Look, Seen, Track, Wants
from inference.perception.measure import Measurer, no_face
from inference.perception.mesh import FaceCrop
from inference.perception.networks import (
    CPU_PROVIDER,
    CUDA_PROVIDER,
    InputContract,
    Network,
    Provider,
    buckets_of,
    choose_provider,
)
from inference.perception.providers import threads_for
from inference.perception.reuse import Measured, is_alike, thumb_of
from inference.perception.room import open_room_finder
from inference.perception.rows import Opener
from inference.perception.track import Followed
from inference.scheduling.stages import Ran, StageRun

__all__ = ["Look", "Pipeline", "Prepared", "Seen", "Track", "Unreadability", "Unreadable", "Wants"]

log = structlog.get_logger()

SEARCH_PX = 640
"""Longer side of a picture that is searched for faces; larger ones are decoded smaller."""
FACE_PX = 384
"""Side of the followed region, twice the mesh's input. Smaller ones are never decoded scaled: the
landmarks would move, by half a percent of the eye distance."""
SMALL_PX = 224
"""Longer side that is made do with when the device is full."""
DECODE = "decode"
"""Stage of the host: a batch of pictures, decoded and cut, without padding."""
Crops = tuple[FaceCrop, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A batch whose pictures are decoded; what the device needs next."""

    looks: tuple[Look, ...] = field(repr=False)
    decoded: tuple[Picture | Unreadable, ...] = field(repr=False)
    """One for each look. Holds pixels: no representation shows them."""
    crops: tuple[Crops, ...] = field(repr=False)
    """For each look, what was cut out where its faces were."""
    decode_s: float

    def readable(self) -> tuple[list[Picture], list[Look], list[Crops]]:
        """Return the pictures that could be decoded, and what each came with."""
        frames = [
            (picture, look, crops)
            for picture, look, crops in zip(self.decoded, self.looks, self.crops, strict=True)
            if isinstance(picture, Picture)
        ]
        return [p for p, _, _ in frames], [look for _, look, _ in frames], [c for _, _, c in frames]


class Reporter(Protocol):
    """What runs networks and says so."""

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""


class Pipeline:
    """Looks at batches of frames.

    `prepare` may run beside `run`, each in one thread at a time.
    """

    def __init__(
        self,
        follower: Follower,
        measurer: Measurer,
        networks: Sequence[Reporter] = (),
        *,
        provider: str,
        hands: Hands | None = None,
    ) -> None:
        self.provider = provider
        """ONNX Runtime's name of what it runs on."""
        self.buckets = buckets_of(provider)
        """Batch sizes that its networks run, ascending."""
        self._follower = follower
        self._measurer = measurer
        self._networks = tuple(networks)
        self._hands = hands or Hands()

    @classmethod
    def load(
        cls,
        folder: ModelFolder,
        provider: Provider = "auto",
        threads: int = 1,
        *,
        cores: float = 1,
    ) -> "Pipeline":
        """Open and warm the networks.

        Args:
            folder: the built models.
            provider: where to run.
            threads: for decoding, and inside one network run on a CPU; 0 = as fits the provider.
            cores: that may be used, where that is to be found out.

        Raises:
            Misconfigured: a model is missing, or CUDA was asked for and is not there.
        """
        cv2.setNumThreads(1)  # the hands are the threads
        chosen = choose_provider(provider)
        try:
            return cls._on(chosen, folder, threads or threads_for(chosen, cores))
        except Misconfigured as error:
            if provider != "auto" or chosen == CPU_PROVIDER:
                raise
            log.warning("provider_fell_back", wanted=chosen, used=CPU_PROVIDER, reason=str(error))
        return cls._on(CPU_PROVIDER, folder, threads or threads_for(CPU_PROVIDER, cores))

    @classmethod
    def _on(cls, provider: str, folder: ModelFolder, threads: int) -> "Pipeline":
        hands = Hands(threads)
        try:
            parts = _open(folder, provider, threads, hands)
        except Misconfigured:
            hands.close()
            raise
        return cls(*parts, provider=provider, hands=hands)

    @property
    def threads(self) -> int:
        """How many decode."""
        return self._hands.threads

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Answer each look, in order; never raises for what a frame holds."""
        return self.run(self.prepare(looks)).results

    def prepare(self, looks: Sequence[Look]) -> Prepared:
        """Decode the pictures of a batch and cut out where faces were, on the host."""
        began_s = time.perf_counter()

        def one(look: Look) -> tuple[Picture | Unreadable, Crops]:
            picture = _decode(look)
            crops = self._follower.cut(picture, look) if isinstance(picture, Picture) else ()
            return picture, crops

        frames = self._hands.map(one, looks)
        decoded = tuple(picture for picture, _ in frames)
        crops = tuple(crops for _, crops in frames)
        return Prepared(tuple(looks), decoded, crops, time.perf_counter() - began_s)

    def run(self, prepared: Prepared) -> Ran[Seen | Unreadable]:
        """Find and measure the faces of a prepared batch, on the device."""
        pictures, looks, crops = prepared.readable()
        again = [_again(picture, look) for picture, look in zip(pictures, looks, strict=True)]
        new = [index for index, seen in enumerate(again) if seen is None]
        pictures, looks = [pictures[i] for i in new], [looks[i] for i in new]
        followed = self._follower.follow(pictures, looks, [crops[i] for i in new])
        measured = iter(self._measured(pictures, looks, followed))
        seen = iter([next(measured) if known is None else known for known in again])
        results = [i if isinstance(i, Unreadable) else next(seen) for i in prepared.decoded]
        return Ran(results, (*self._found_in(prepared), *self._measurer.stages()))

    def find(self, prepared: Prepared) -> Ran[Followed | None]:
        """Find the student's face in each readable picture, and measure nothing."""
        followed = self._follower.follow(*prepared.readable())
        return Ran(followed, self._found_in(prepared))

    def close(self) -> None:
        """End the threads of the host."""
        self._hands.close()

    def _found_in(self, prepared: Prepared) -> tuple[StageRun, ...]:
        """Runs of decoding, detectors and mesh."""
        frames = len(prepared.looks)
        if not frames:
            return ()
        bucket = next((size for size in self.buckets if size >= frames), frames)
        runs = [StageRun(DECODE, bucket, frames, prepared.decode_s)]
        for network in self._networks:
            runs.extend(network.take_runs())
        return tuple(runs)

    def _measured(
        self,
        pictures: Sequence[Picture],
        looks: Sequence[Look],
        followed: Sequence[Followed | None],
    ) -> Iterable[Seen]:
        faces = [
            Face(picture, face, look.wants)
            for picture, face, look in zip(pictures, followed, looks, strict=True)
            if face is not None
        ]
        observations = iter(self._measurer.measure(faces))
        for picture, look, face in zip(pictures, looks, followed, strict=True):
            if face is None:
                yield Seen(no_face(picture), None)
                continue
            observation, track = next(observations), face.track(picture.pixels.shape[1])
            if look.wants.reuse:
                thumb = thumb_of(picture, face.region)
                track = replace(track, measured=Measured(thumb, observation))
            yield Seen(observation, track)


def _open(
    folder: ModelFolder, provider: str, threads: int, hands: Hands
) -> tuple[Follower, Measurer, list[Reporter]]:
    """Open and warm everything; what reports its runs comes last."""

    def network(name: Literal["face_detector", "attention_mesh"], of: InputContract) -> Network:
        variant = variant_for(folder, name, provider)
        path = folder.graph(name, variant=variant)
        opened = Network(path, of, provider=provider, threads=threads, stage=name)
        opened.warm()
        return opened

    finder, meshes = (
        network("face_detector", detect.CONTRACT),
        network("attention_mesh", mesh.CONTRACT),
    )
    room_finder = open_room_finder(Opener(folder, provider, threads))
    reporters: list[Reporter] = [finder, meshes]
    if room_finder is not None:
        reporters.append(room_finder)
    detector = detect.Detector(finder, hands=hands)
    follower = Follower(detector, mesh.Mesh(meshes, hands), room_finder)
    return follower, Measurer.load(folder, provider, threads), reporters


def variant_for(folder: ModelFolder, name: GraphName, provider: str) -> GraphVariant:
    """Choose the graph that was drawn for CUDA, where it was built and is of use."""
    is_there = provider == CUDA_PROVIDER and folder.has(name, variant="gpu")
    return "gpu" if is_there else "cpu"


def _again(picture: Picture, look: Look) -> Seen | None:
    """What was measured last, if this frame may use it; None = measure it."""
    track = look.track
    if not look.wants.reuse or track is None or track.measured is None or look.is_search_due:
        return None
    region = track.student.region(picture.pixels.shape[1])
    if not is_alike(thumb_of(picture, region), track.measured.thumb):
        return None
    return Seen(replace(track.measured.observation, reused=True), track)


def _decode(look: Look) -> Picture | Unreadable:
    if look.wants.is_small:
        return decode(look.image, needed_px=SMALL_PX)
    if look.track is None or look.wants.room:
        return decode(look.image, needed_px=SEARCH_PX)
    share = look.track.student.side
    return decode(look.image, width_share=share, needed_px=FACE_PX)

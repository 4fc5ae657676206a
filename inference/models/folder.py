"""Where are the models that were built, and what is in them? The one door for everybody else.

Nothing is read before it is asked for, so a process that lacks models can still start and say so.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapt.errors import Misconfigured

from inference.models.fetched import source_path
from inference.models.files import is_intact
from inference.models.manifest import (
    CONVERTER_VERSION,
    Manifest,
    OptionName,
    read_manifest,
)
from inference.models.plan import chosen_before
from inference.models.record import Record, read_record

COMMAND = "./rapt models build"
BASE = "short_range+attention_mesh"
"""What is in use everywhere; options that were built are added to it."""

GraphName = Literal[
    "face_detector",
    "attention_mesh",
    "room_detector_full_range",
    "gaze",
    "open_eyes",
    "face_landmarks_v2",
    "blendshapes",
    "room_detector",
]
GraphVariant = Literal["cpu", "gpu"]
PictureName = Literal["astronaut", "grace_hopper", "chelsea", "coffee", "brick"]

REFERENCE_FACE = np.dtype([("point", np.float32, 3), ("weight", np.float32), ("partner", np.int32)])
"""One row per landmark in `reference_face.npy`."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceFace:
    """A symmetric, upright, expressionless face seen from straight ahead."""

    points: npt.NDArray[np.float32]
    """(468, 3) x right, y up, z towards the viewer; one unit wide, centred on its mean point."""
    weights: npt.NDArray[np.float32]
    """(468,) how much each point counts when a head pose is fitted."""
    partners: npt.NDArray[np.int32]
    """(468,) the same point of the other half of the face; itself on the middle line."""


class ModelFolder:
    """The folder that `./rapt models build` fills.

    Args:
        path: the folder, `<data>/models`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def version(self) -> str:
        """Which set of models this is, for people and logs: names, and the converter's number."""
        built = chosen_before(self._manifest, self._record)
        names = [option.name for option in self._manifest.options if option.name in built]
        return f"{'+'.join([BASE, *names])}/{CONVERTER_VERSION}"

    def has(self, name: GraphName, *, variant: GraphVariant = "cpu") -> bool:
        """Say whether a network was built; one that was and is damaged now stops `graph`."""
        return _recorded_name(name, variant) in self._record.models

    def is_of(self, option: OptionName, name: GraphName) -> bool:
        """Say whether a network is there only for an option."""
        return option in self._manifest.model(name).options

    def missing(self) -> tuple[str, ...]:
        """Return a sentence for each option that is not there: what it gives, how to get it."""
        return tuple(
            f"{option.without}: run {option.command}"
            for option in self._manifest.options
            if option.name != "gpu" and not self._is_whole(option.name)
        )

    def graph(self, name: GraphName, *, variant: GraphVariant = "cpu") -> Path:
        """Return the ONNX file of a network.

        Raises:
            Misconfigured: it is not built, or damaged.
        """
        return self._file(_recorded_name(name, variant))

    def reference_face(self) -> ReferenceFace:
        """Read the face that head poses are measured against: the canonical one if it was built.

        Raises:
            Misconfigured: it is not built, or damaged.
        """
        is_canonical = "canonical_face" in self._record.models
        name = "canonical_face" if is_canonical else "reference_face"
        path = self._file(name)
        rows = np.load(path, allow_pickle=False)
        return ReferenceFace(rows["point"].copy(), rows["weight"].copy(), rows["partner"].copy())

    def portrait(self, name: PictureName) -> Path:
        """Return a public picture; it lies in the user's cache, never in the data folder.

        Raises:
            Misconfigured: it is not there.
        """
        return self.source(name)

    def source(self, name: str) -> Path:
        """Return a file that the models are made of, or tested with, in the user's cache.

        Raises:
            Misconfigured: it is not there.
        """
        path = source_path(Path(self._record.cache), self._manifest.source(name))
        if not self._record.cache or not path.is_file():
            raise self._absent(f"the file {path.name} is missing in the cache")
        return path

    @cached_property
    def _manifest(self) -> Manifest:
        return read_manifest()

    @property
    def _record(self) -> Record:
        return read_record(self.path)

    def _is_whole(self, option: OptionName) -> bool:
        wanted = {model.name for model in self._manifest.models if model.options == (option,)}
        return wanted <= self._record.models.keys()

    def _file(self, name: str) -> Path:
        built = self._record.models.get(name)
        if built is None or not (self.path / built.file).is_file():
            raise self._absent(f"the model {name} is missing in {self.path}", name)
        path = self.path / built.file
        if not is_intact(path, size_bytes=built.bytes, sha256=built.sha256):
            raise self._absent(f"{path} is damaged", name)
        return path

    def _absent(self, fact: str, name: str = "") -> Misconfigured:
        options = [model.options for model in self._manifest.models if model.name == name]
        is_option = bool(options) and bool(options[0])
        command = self._manifest.option(options[0][-1]).command if is_option else COMMAND
        return Misconfigured(f"{fact}: run {command}")


def _recorded_name(name: GraphName, variant: GraphVariant) -> str:
    return name if variant == "cpu" else f"{name}.{variant}"

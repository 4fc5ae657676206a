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
from inference.models.manifest import Manifest, read_manifest
from inference.models.record import Record, read_record

VERSION = "short_range+attention_mesh/1"

GraphName = Literal["face_detector", "attention_mesh"]
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
        """Which set of models this is, for people and logs."""
        return VERSION

    def graph(self, name: GraphName) -> Path:
        """Return the ONNX file of a network.

        Raises:
            Misconfigured: it is not built.
        """
        return self._file(name)

    def reference_face(self) -> ReferenceFace:
        """Read the reference face.

        Raises:
            Misconfigured: it is not built, or damaged.
        """
        rows = np.load(self._file("reference_face"), allow_pickle=False)
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

    def _file(self, name: str) -> Path:
        built = self._record.models.get(name)
        if built is None or not (self.path / built.file).is_file():
            raise self._absent(f"the model {name} is missing in {self.path}")
        path = self.path / built.file
        if not is_intact(path, size_bytes=built.bytes, sha256=built.sha256):
            raise self._absent(f"{path} is damaged")
        return path

    def _absent(self, fact: str) -> Misconfigured:
        return Misconfigured(f"{fact}: run ./rapt models build")

"""MediaPipe's face mesh in a process, and an environment, of its own."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from rapt.errors import Misconfigured

from benchmarks.peers import peer

F32 = npt.NDArray[np.float32]

PROGRAM = Path(__file__).with_name("face_mesh.py")


@dataclass(frozen=True, slots=True)
class Lap:
    """One look at all frames."""

    wall_s: float
    cpu_s: float
    found: int


class FaceMesh:
    """The process.

    Args:
        process: of `PROGRAM`, both ends of its pipe open.
        folder: for what does not go through the pipe.
    """

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def show(self, frames: Sequence[bytes], passes: Sequence[int], *, afresh: bool) -> F32:
        """(N, 478, 3) landmarks in pixels; NaN where there is no face."""
        return self.show_several(frames, passes, afresh=afresh, faces=1)[:, 0]

    def show_several(
        self, frames: Sequence[bytes], passes: Sequence[int], *, afresh: bool, faces: int
    ) -> F32:
        """(N, faces, 478, 3) landmarks in pixels; NaN where there is no face, or no further one.

        Args:
            frames: JPEGs, each going on where the one before it ended.
            passes: how often each is shown, 1...
            afresh: forget first what was shown before.
            faces: how many it follows at most.
        """
        out = self._folder / "marks.npy"
        options = {"passes": list(passes), "afresh": afresh, "out": str(out), "faces": faces}
        self._ask({"do": "show", **self._laid_down(frames), **options})
        return np.asarray(np.load(out, allow_pickle=False), np.float32)

    def load(self, frames: Sequence[bytes]) -> None:
        """Take the frames that `lap` looks at."""
        self._ask({"do": "load", **self._laid_down(frames)})

    def lap(self) -> Lap:
        """Look at all of them once, following."""
        answer = self._ask({"do": "lap"})
        return Lap(answer["wall_s"], answer["cpu_s"], answer["found"])

    def _laid_down(self, frames: Sequence[bytes]) -> dict[str, Any]:
        path = self._folder / "frames"
        path.write_bytes(b"".join(frames))
        return {"file": str(path), "sizes": [len(frame) for frame in frames]}

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Misconfigured(f"MediaPipe's process ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        said = (self._folder / "log").read_text(errors="replace").strip().splitlines()
        return said[-1] if said else "it said nothing"


@contextmanager
def face_mesh() -> Iterator[FaceMesh]:
    """Run it; it shares the processor affinity of this process.

    Raises:
        Misconfigured: its environment cannot be made, or it does not start.
    """
    python = peer("mediapipe").python
    with TemporaryDirectory(prefix="rapt-") as name:
        folder = Path(name)
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(  # noqa: S603 - our own program
                [python, str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            try:
                yield FaceMesh(process, folder)
            finally:
                process.kill()

"""Which visible movements does a face make? Smile, lowered brows, narrowed eyes.

They name what can be seen, never what is felt, and are read only from frames that want them: where
a policy allows it. The networks are opened by the first such frame, so that a worker that never
sees one never holds them; in a thread of their own, because that takes half a second, and nothing
is read until they are there. Where they are not built the landmarks have to do.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import structlog

from inference.perception.blendshapes import Blendshapes
from inference.perception.face_shape import read_shape
from inference.perception.observation import Movements
from inference.perception.pose import HeadPoses
from inference.perception.rows import Opener
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

log = structlog.get_logger()


class MovementReader:
    """Movements of batches of faces: by the networks where they are built, else by landmarks."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._is_built = Blendshapes.is_built(opener)
        self._opening: Future[Blendshapes | None] | None = None

    def read(
        self, pictures: Sequence[U8], landmarks: F32, poses: HeadPoses
    ) -> list[Movements] | list[None]:
        """Read N faces; None of each while the networks are being opened, or are damaged.

        Args:
            pictures: N of (H, W, 3) RGB.
            landmarks: (N, 478, 3) pixels, N >= 1.
            poses: of the same heads.
        """
        if not self._is_built:
            rows = read_shape(landmarks, poses).tolist()
        else:
            networks = self._networks()
            if networks is None:
                return [None] * len(pictures)
            rows = networks.movements(pictures, landmarks).tolist()
        return [Movements(smile, brows, squint) for smile, brows, squint in rows]

    def open(self) -> None:
        """Open the networks, if they are built, and wait for them."""
        if self._is_built:
            self._start().result()

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        networks = None
        if self._opening is not None and self._opening.done():
            networks = self._opening.result()
        return networks.take_runs() if networks is not None else []

    def _networks(self) -> Blendshapes | None:
        opening = self._start()
        return opening.result() if opening.done() else None

    def _start(self) -> "Future[Blendshapes | None]":
        if self._opening is None:
            thread = ThreadPoolExecutor(1, "open")
            self._opening = thread.submit(_opened, self._opener)
            thread.shutdown(wait=False)
        return self._opening


def _opened(opener: Opener) -> Blendshapes | None:
    try:
        networks = Blendshapes.load(opener)
    except Exception:  # the root of its thread: faces are measured without it
        log.exception("expression_models_refused")
        return None
    log.info("expression_models_opened")
    return networks

"""Which visible movements does a face make? Smile, lowered brows, narrowed eyes.

They name what can be seen, never what is felt, and are read only from frames that want them: where
a policy allows it. The networks are opened by the first such frame, so that a worker that never
sees one never holds them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.perception.blendshapes import Blendshapes
from inference.perception.face_shape import read_shape
from inference.perception.observation import Movements
from inference.perception.pose import HeadPoses
from inference.perception.rows import Opener
from inference.stages import StageRun

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]


class MovementReader:
    """Movements of batches of faces: by the networks where they are built, else by landmarks."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._was_opened = False
        self._networks: Blendshapes | None = None

    def read(self, pictures: Sequence[U8], landmarks: F32, poses: HeadPoses) -> list[Movements]:
        """Read N faces.

        Args:
            pictures: N of (H, W, 3) RGB.
            landmarks: (N, 478, 3) pixels, N >= 1.
            poses: of the same heads.

        Raises:
            Misconfigured: a network is damaged.
        """
        if not self._was_opened:
            self._networks = Blendshapes.load(self._opener)
            self._was_opened = True
        if self._networks is None:
            rows = read_shape(landmarks, poses).tolist()
        else:
            rows = self._networks.movements(pictures, landmarks).tolist()
        return [Movements(smile, brows, squint) for smile, brows, squint in rows]

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        return self._networks.take_runs() if self._networks is not None else []

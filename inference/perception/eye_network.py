"""Are the lids closed? By open-closed-eye-0001 of the Open Model Zoo.

Input contract: one eye as planes of blue, green, red, 32x32, cut level, 1.6 eye widths a side, raw
0..255: the graph holds mean 127 and scale 255, and answers "open" always when it is fed with less.
Index 0 of the output is closed, though the vendor's page lists open first. Eyes that look down read
as closed: it cannot tell them apart.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.perception.eye_crops import cut_eyes, eye_regions, to_planes
from inference.perception.rows import Opener, RowNetwork
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

SIDE_PX = 32
WIDTHS = 1.6
"""Side of a crop over the distance of the eye's corners. At 1.3 closed eyes read as half closed; at
1.9 lids that are painted behind glasses are told better (0.6 to 1.0 instead of 0.2 to 1.0), but a
hand beside closed eyes opens them: 0.92 instead of 0.97 of a clip's closed lids are told."""
CLOSED = 0
"""Index in the output."""


class EyeNetwork:
    """Probabilities of closed lids for batches of faces."""

    def __init__(self, network: RowNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls, opener: Opener) -> "EyeNetwork | None":
        """Open and warm it, if it is there."""
        network = opener.open("open_eyes")
        return cls(network) if network is not None else None

    def closed(self, pictures: Sequence[U8], landmarks: F32, roll_rad: F64, weights: F64) -> F64:
        """Probability that the eyes are closed, (N,) 0..1.

        Args:
            pictures: N of (H, W, 3) RGB.
            landmarks: (N, 478, 3) pixels, N >= 1.
            roll_rad: (N,) of the heads, clockwise.
            weights: (N, 2) how much the right and the left eye count; an eye without weight is
                not looked at.
        """
        eyes = cut_eyes(pictures, eye_regions(landmarks, roll_rad, WIDTHS), SIDE_PX)
        counts = weights > 0
        [name] = self._network.inputs
        looked_at = eyes[counts]
        is_fed_with_bytes = self._network.takes_bytes
        [outputs] = self._network.run(
            {name: looked_at if is_fed_with_bytes else to_planes(looked_at)}
        )
        closed = np.zeros(weights.shape)
        closed[counts] = outputs.reshape(-1, 2)[:, CLOSED]
        mean: F64 = (closed * weights).sum(axis=1)
        return mean

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        return self._network.take_runs()

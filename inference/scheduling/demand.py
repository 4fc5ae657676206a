"""How much of the device do the arriving frames need?

Pure. A count that fades: an arrival weighs 1 at first and 1/e a second later, so the count is the
rate of the last second. Gaps between arrivals would not do: they swing with every burst.
"""

import math

FADES_IN_S = 1.0


class Demand:
    """Faces that arrive each second."""

    def __init__(self) -> None:
        self._count = 0.0
        self._at_s = 0.0

    def add(self, faces: int, now_s: float) -> None:
        """Count an arrival."""
        self._count = self.per_s(now_s) * FADES_IN_S + faces
        self._at_s = max(self._at_s, now_s)

    def per_s(self, now_s: float) -> float:
        """Return the rate."""
        return self._count * math.exp(-max(now_s - self._at_s, 0.0) / FADES_IN_S) / FADES_IN_S

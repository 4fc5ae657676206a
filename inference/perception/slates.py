"""Memory for pictures that is written over by the next ones.

Fresh memory costs more than the pixels that are written to it: the kernel hands it out page by
page, wiped. So a batch borrows slates while its pictures live. What stands on a slate that came
back is read by nobody and is gone with the next picture; like memory that was freed, it holds
pixels until then.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]

SLATE_BYTES = 640 * 480 * 4
"""What a searched picture has at most, in the usual shape; a larger one gets memory of its own."""
MAX_KEPT = 128
"""Two batches of the largest bucket: one runs, one is prepared meanwhile."""


class Slates:
    """Those that nobody uses. Any thread may borrow and give back."""

    def __init__(self) -> None:
        self._free: deque[U8] = deque(maxlen=MAX_KEPT)

    def borrow(self) -> "Borrowed":
        """Begin a batch."""
        return Borrowed(self._free)


class Borrowed:
    """The slates of one batch."""

    def __init__(self, free: deque[U8]) -> None:
        self._free = free
        self._used: list[U8] = []

    def take(self, size_bytes: int) -> U8:
        """Give memory for so many bytes."""
        if size_bytes > SLATE_BYTES:
            return np.empty(size_bytes, np.uint8)
        try:
            slate = self._free.pop()  # the last one used is nearest to the processor
        except IndexError:
            slate = np.empty(SLATE_BYTES, np.uint8)
        self._used.append(slate)
        return slate

    def give_back(self) -> None:
        """Let others write over them."""
        while self._used:
            self._free.append(self._used.pop())

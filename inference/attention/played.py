"""Which media was played when: the segments of a session, as columns.

Pure. Segments arrive cumulative with every player event: the newest ones replace all others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

_US_PER_MEDIA_MS_PCT = 100_000  # microseconds x percent: one media ms at 100 % takes 1000 µs
_SAME_PASS_US = 500_000  # a pass that reached the position this recently is the one under way


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """All played segments in order of playing; each column is (S,)."""

    from_ms: I64
    to_ms: I64
    rate_pct: I64
    visible: I64
    at_us: I64

    @classmethod
    def of(cls, segments: Iterable[tuple[int, int, int, int, int]]) -> "Played":
        """Make the columns of rows (from_ms, to_ms, rate_pct, visible, at_us)."""
        table = np.array(list(segments), dtype=np.int64).reshape(-1, 5)
        return cls(*(np.ascontiguousarray(column) for column in table.T))

    def __len__(self) -> int:
        return len(self.from_ms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Played) and self.rows() == other.rows()

    __hash__ = None  # type: ignore[assignment]  # arrays are compared by value, never hashed

    def rows(self) -> list[tuple[int, int, int, int, int]]:
        """Return the rows that `of` takes."""
        columns = (self.from_ms, self.to_ms, self.rate_pct, self.visible, self.at_us)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def lengths_ms(self) -> I64:
        """Return the media milliseconds of each segment, (S,)."""
        return self.to_ms - self.from_ms

    def advance_ms(self, start_us: int, end_us: int, *, visibly: bool = False) -> float:
        """Return the media milliseconds played (visibly) between two points of the wall clock."""
        ends_us = self.at_us + self.lengths_ms() * _US_PER_MEDIA_MS_PCT // self.rate_pct
        overlap_us = np.minimum(ends_us, end_us) - np.maximum(self.at_us, start_us)
        played = np.maximum(overlap_us, 0) * self.rate_pct * (self.visible if visibly else 1)
        return float(played.sum()) / _US_PER_MEDIA_MS_PCT

    def passes(self, media_ms: int, before_us: int) -> int:
        """Return how often the position had been played before, without the pass under way."""
        reached_us = self.at_us + (media_ms - self.from_ms) * _US_PER_MEDIA_MS_PCT // self.rate_pct
        inside = (self.from_ms <= media_ms) & (media_ms < self.to_ms)
        return int((inside & (reached_us < before_us - _SAME_PASS_US)).sum())


NOTHING = Played.of(())

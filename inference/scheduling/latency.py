"""How long does a batch take on this device? Measured, per bucket.

The mean (EWMA) decides which bucket carries most frames a second; the p95 of the last runs decides
which frames can still be in time. A larger bucket is never believed to be quicker: where two were
measured so, the one that was measured last is right, and the other one's runs are old or unlucky.
A bucket never measured borrows from the smaller ones, and none is believed to be dearer than its
frames in smaller runs: one unlucky measurement would otherwise keep a bucket from ever being
measured again. A run that was tried because all seemed too slow (`probe`) puts the slowest one out
of mind, not the oldest: few such runs are enough to be believed.
"""

import math
from collections import deque
from collections.abc import Sequence

_ALPHA = 0.1  # weight of the newest run in the mean
_KEPT_RUNS = 64
_OUTLIER = 4.0  # times the p95: clipped, unless it comes three times in a row
_BELIEVED_AFTER = 3
_CHEAPER = 0.95  # twice the bucket costs this much less per frame at least, or is not tried again


class _Runs:
    """The runs of one bucket."""

    def __init__(self) -> None:
        self.mean_s = 0.0
        self.p95_s = self.p05_s = 0.0
        self.newest = 0
        """Which of all runs of the table was the last one of this bucket."""
        self._last: deque[float] = deque(maxlen=_KEPT_RUNS)
        self._outliers = 0

    @property
    def is_measured(self) -> bool:
        """Whether there was any."""
        return bool(self._last)

    def forget_slowest(self) -> None:
        """Put the slowest run out of mind."""
        if self._last:
            self._last.remove(max(self._last))

    def add(self, run_s: float) -> bool:
        """Take one measured run; True when it was clipped."""
        is_outlier = bool(self._last) and run_s > _OUTLIER * self.p95_s > 0
        self._outliers = self._outliers + 1 if is_outlier else 0
        clipped = is_outlier and self._outliers < _BELIEVED_AFTER
        value_s = _OUTLIER * self.p95_s if clipped else run_s
        self.mean_s = value_s if not self._last else self.mean_s + _ALPHA * (value_s - self.mean_s)
        self._last.append(value_s)
        ordered = sorted(self._last)
        self.p95_s = ordered[math.ceil(0.95 * len(ordered)) - 1]
        self.p05_s = ordered[math.ceil(0.05 * len(ordered)) - 1]
        return clipped


class LatencyTable:
    """Run time of the whole pipeline per bucket of frames, seconds."""

    def __init__(self, buckets: Sequence[int]) -> None:
        self.buckets = tuple(sorted(buckets))
        self._runs = {bucket: _Runs() for bucket in self.buckets}
        self._mean_s = dict.fromkeys(self.buckets, 0.0)
        self._p95_s = dict.fromkeys(self.buckets, 0.0)
        self._frame_s = 0.0
        self._count = 0

    def mean_s(self, bucket: int) -> float:
        """Return the usual run time."""
        return self._mean_s[bucket]

    def p95_s(self, bucket: int) -> float:
        """Return the run time to count on."""
        return self._p95_s[bucket]

    def p05_s(self, bucket: int) -> float:
        """Return the run time of a quick run, as measured; 0 before that."""
        return self._runs[bucket].p05_s

    def frame_s(self) -> float:
        """Return device seconds per frame in the best bucket, as measured; 0 before that."""
        return self._frame_s

    def fitting(self, items: int) -> int:
        """Return the smallest bucket that holds so many; the largest holds any number."""
        return next((bucket for bucket in self.buckets if bucket >= items), self.buckets[-1])

    def add(self, bucket: int, run_s: float, *, is_probe: bool = False) -> bool:
        """Learn from one run; True when it was taken for an outlier and clipped."""
        runs = self._runs[bucket]
        if is_probe:
            runs.forget_slowest()
        clipped = runs.add(run_s)
        self._count += 1
        runs.newest = self._count
        self._believe()
        return clipped

    def _believe(self) -> None:
        """Make one table of what the buckets were measured to take."""
        measured = [(each, runs) for each, runs in self._runs.items() if runs.is_measured]
        self._frame_s = min(runs.mean_s / each for each, runs in measured)
        smaller, mean_s, p95_s = self.buckets[0], 0.0, 0.0
        believed = {}
        for place, (each, runs) in enumerate(measured):
            right_mean_s, right_p95_s = runs.mean_s, runs.p95_s
            for _, other in measured[place + 1 :]:
                if other.newest > runs.newest:
                    right_mean_s = min(right_mean_s, other.mean_s)
                    right_p95_s = min(right_p95_s, other.p95_s)
            times = each / smaller
            most = times * _CHEAPER ** math.log2(times)
            mean_s = _between(mean_s, right_mean_s, most)
            p95_s = _between(p95_s, right_p95_s, times)
            believed[each] = mean_s, p95_s
            smaller = each
        now_s = (0.0, 0.0)
        for each in self.buckets:
            now_s = believed.get(each, now_s)
            self._mean_s[each], self._p95_s[each] = now_s


def _between(smaller_s: float, measured_s: float, times: float) -> float:
    """Return what to believe of a bucket, given what is believed of the next smaller one."""
    highest_s = smaller_s * times if smaller_s > 0 else measured_s
    return min(max(smaller_s, measured_s), max(highest_s, smaller_s))

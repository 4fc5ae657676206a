"""What has a model served, and how long did it take? In the words of Triton's statistics.

Results of one run are told apart in one go, so replies with the same start belong to one run: that
is how runs are counted where they are shared with other work. Counts and sums change together, in
the event loop; whoever reads them reads them all at one moment.
"""

import time
from dataclasses import dataclass, field

NS = 1_000_000_000


@dataclass(slots=True)
class Duration:
    """How often, and how long altogether."""

    count: int = 0
    ns: int = 0

    def add(self, interval_s: float, count: int = 1) -> None:
        """Count something that took so long each time."""
        self.count += count
        self.ns += count * max(round(interval_s * NS), 0)


@dataclass(slots=True)
class Times:
    """Parts of the time of requests, or of runs of one size."""

    prepare: Duration = field(default_factory=Duration)
    run: Duration = field(default_factory=Duration)
    reply: Duration = field(default_factory=Duration)


@dataclass(frozen=True, slots=True)
class RowTimes:
    """When a row was worked on, monotonic seconds."""

    started_s: float
    """Its run was put together."""
    ran_s: float = 0.0
    """How long its run took on the device; 0 = not known, then all of it counts as the run."""


class Statistics:
    """Counts of one model."""

    def __init__(self) -> None:
        self.success = Duration()
        self.fail = Duration()
        self.queue = Duration()
        self.times = Times()
        self.last_ms = 0
        self._rows = 0
        self._runs = 0
        self._by_rows: dict[int, Times] = {}
        self._open_run: tuple[float, float] | None = None  # started_s, took_s
        self._open_rows = 0

    def ran(self, *, started_s: float, ended_s: float) -> None:
        """Count one row of a run; those of the same start are one run."""
        if self._open_run is None or self._open_run[0] != started_s:
            self._close_run()
        self._open_run = (started_s, ended_s - started_s)
        self._open_rows += 1
        self._rows += 1

    def succeeded(self, *, arrived_s: float, started_s: float, ended_s: float) -> None:
        """Count a request that was answered."""
        self.success.add(time.monotonic() - arrived_s)
        self.queue.add(started_s - arrived_s)
        self.times.prepare.add(0.0)
        self.times.run.add(ended_s - started_s)
        self.times.reply.add(time.monotonic() - ended_s)
        self.last_ms = time.time_ns() // 1_000_000

    def failed(self, *, arrived_s: float) -> None:
        """Count a request that was answered by an error."""
        self.fail.add(time.monotonic() - arrived_s)
        self.last_ms = time.time_ns() // 1_000_000

    @property
    def rows(self) -> int:
        """Rows that were run."""
        return self._rows

    @property
    def runs(self) -> int:
        """Runs, the one that is being told apart included."""
        return self._runs + (self._open_rows > 0)

    def by_rows(self) -> dict[int, Times]:
        """Return the times of runs by their number of rows."""
        self._close_run()
        return dict(sorted(self._by_rows.items()))

    def _close_run(self) -> None:
        if self._open_run is None or self._open_rows == 0:
            return
        times = self._by_rows.setdefault(self._open_rows, Times())
        times.prepare.add(0.0)
        times.run.add(self._open_run[1])
        times.reply.add(0.0)
        self._runs += 1
        self._open_rows = 0

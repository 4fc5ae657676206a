"""What people read of a server under load: one row per server and load, the run in the middle."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from benchmarks.rounds import median_of, outcomes_of, spread_of
from benchmarks.trial import Trial

COLUMNS = (
    "server",
    "load",
    "offered/s",
    "good/s",
    "good share",
    "age p50",
    "p95",
    "p99 ms",
    "Jain",
    "starved",
    "batch",
    "CPU ms",
    "cores",
    "MB",
)


def table_of(title: str, rows: Iterable[tuple[str, int, Sequence[Trial]]]) -> Table:
    """Return a table of (server, load in percent, runs)."""
    table = Table(title=title, title_justify="left", box=None)
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "server" else "right", no_wrap=True)
    for server, load_pct, runs in rows:
        table.add_row(server, f"{load_pct} %", *_cells(runs))
    return table


def sentences_of(rows: Iterable[tuple[str, int, Sequence[Trial]]]) -> list[str]:
    """Return a sentence per row that says what became of the frames of all its runs."""
    return [
        f"{server} at {load_pct} %: " + ", ".join(f"{n} {name}" for name, n in counts.items())
        for server, load_pct, runs in rows
        if (counts := outcomes_of(runs))
    ]


def _cells(runs: Sequence[Trial]) -> list[str]:
    figures = [run.figures for run in runs]
    least, most = spread_of([one.good_share for one in figures]) or (0.0, 0.0)
    return [
        _shown(median_of([one.offered_per_s for one in figures])),
        _shown(median_of([one.good_per_s for one in figures])),
        f"{median_of([one.good_share for one in figures]) or 0:.1%} ({least:.0%}–{most:.0%})",
        _shown(median_of([one.age_p50_ms for one in figures])),
        _shown(median_of([one.age_p95_ms for one in figures])),
        _shown(median_of([one.age_p99_ms for one in figures])),
        _shown(median_of([one.jain for one in figures]), digits=3),
        str(max(one.starved for one in figures)),
        _shown(median_of([run.mean_batch for run in runs]), digits=1),
        _shown(median_of([run.cpu_s_per_1000_frames for run in runs]), digits=2),
        _shown(median_of([run.cpu_cores for run in runs]), digits=2),
        _shown(max(run.peak_mb for run in runs)),
    ]


def _shown(value: float | None, *, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}"

"""Pictures of servers under load: how much is answered in time, and how old the answers are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.load.figures import Figures
from benchmarks.plots import FOLDER, draw_legend, draw_limit, draw_lines, picture
from benchmarks.rounds import median_of
from benchmarks.trial import Trial

Runs = Mapping[int, Sequence[Trial]]
LOAD = "offered load, % of what the device can do"
WORDS = {50: "Rapt, half of the answers", 95: "95 of 100", 99: "99 of 100"}
LIMIT_MS = 200
"""How old a good answer may be."""
MOST_MS = 1000.0  # older than that is drawn at the edge: it is stale, whatever the figure


def draw_load(name: str, servers: Mapping[str, Runs], *, folder: Path = FOLDER) -> None:
    """Draw good share and the age of answers over the load; nothing for a server without runs."""
    servers = {label: runs for label, runs in servers.items() if runs}
    with picture(name, width=9.0, height=4.0, panels=2, folder=folder) as (shares, ages):
        draw_lines(
            shares,
            {label: _over(runs, "good_share", 100) for label, runs in servers.items()},
            title="Answered in time, % of what is possible",
            x=LOAD,
        )
        shares.set_ylim(0, 105)
        draw_lines(
            ages,
            {label: _capped(_over(runs, "age_p95_ms", 1)) for label, runs in servers.items()},
            title="95th percentile of age, ms (at the edge: older)",
            x=LOAD,
        )
        draw_limit(ages, LIMIT_MS, "limit")
        most_ms = MOST_MS if _has_old(servers) else max(LIMIT_MS, ages.get_ylim()[1])
        ages.set_ylim(0, 1.04 * most_ms)
        draw_legend(shares, columns=5)


def draw_latency(runs: Runs, *, folder: Path = FOLDER) -> None:
    """Draw the percentiles of age and of the server's own time over the load."""
    with picture("latency", width=9.0, height=3.8, panels=2, folder=folder) as (ages, server):
        for axes, kind, title in (
            (ages, "age", "Capture to answer, ms"),
            (server, "server", "Arrival to answer in the worker, ms"),
        ):
            lines = {WORDS[percent]: _over(runs, f"{kind}_p{percent}_ms", 1) for percent in WORDS}
            draw_lines(axes, lines, title=title, x=LOAD)
        draw_limit(ages, LIMIT_MS, "limit")
        draw_legend(ages, columns=3)


def _over(runs: Runs, figure: str, times: float) -> dict[float, float | None]:
    found = {
        load_pct: median_of([_figure(run.figures, figure) for run in trials])
        for load_pct, trials in runs.items()
    }
    return {load: None if value is None else times * value for load, value in found.items()}


def _figure(figures: Figures, name: str) -> float | None:
    value: float | None = getattr(figures, name)
    return value


def _capped(points: Mapping[float, float | None]) -> dict[float, float | None]:
    """Return ages with the stale ones at the edge; nobody answered counts as stale."""
    return {load: MOST_MS if ms is None else min(ms, MOST_MS) for load, ms in points.items()}


def _has_old(servers: Mapping[str, Runs]) -> bool:
    ages = [_over(runs, "age_p95_ms", 1) for runs in servers.values()]
    return any(ms is None or ms > MOST_MS / 2 for points in ages for ms in points.values())

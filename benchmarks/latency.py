"""How old is an answer, and how much of that is the server's, from a tenth of the load to too much?

The same worker, sleep model and open loop as in `overload`, at more loads. Age counts from the
scheduled capture, so it holds the way to the server (20 ms and an exponential rest of 15 ms in the
mean), the wait for a place in a batch, the batch, and the way back; the server's own time is from
arrival to answer.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.errors import RaptError
from rich.console import Console
from rich.table import Table

from benchmarks.load.schedule import Scenario
from benchmarks.load_plots import draw_latency
from benchmarks.overload import SCALE, try_all
from benchmarks.record import RESULTS, record
from benchmarks.rounds import median_of
from benchmarks.servers import rapt
from benchmarks.servers.inside.sleep_model import capacity_per_s
from benchmarks.servers.pictures import any_picture
from benchmarks.servers.server import Setting
from benchmarks.trial import Trial

LOADS_PCT = (10, 25, 40, 55, 70, 85, 95, 110, 150)
PERCENTS = (50, 95, 99)
KINDS = {"age": "capture to answer", "server": "arrival to answer"}

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Measured length of each run.")] = 8,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each load.")] = 3,
    scale: Annotated[float, typer.Option(min=0.1, help="Of the model's sleep.")] = SCALE,
    seed: Annotated[int, typer.Option(help="Of phases and delays.")] = 1,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """How old is an answer, and how much of that is the server's?"""
    load_before = round(os.getloadavg()[0], 1)
    one = Scenario(seconds=seconds, warm_up_s=3, seed=seed)
    setting = Setting(scale=scale, picture=any_picture())
    try:
        trials = asyncio.run(
            try_all(rapt.recipe, setting, one, runs, capacity_per_s(scale), loads=LOADS_PCT)
        )
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    parameters = {
        **msgspec.to_builtins(one),
        "runs": runs,
        "scale": scale,
        "capacity_per_s": capacity_per_s(scale),
        "load_before": load_before,
    }
    figures = figures_of(trials)
    record("latency", parameters=parameters, figures=figures, path=results, copy=json)
    Console().print(table_of(figures))
    draw_latency(trials)


def figures_of(trials: dict[int, list[Trial]]) -> dict[str, float | None]:
    """Return every percentile by name, the run in the middle."""
    return {
        f"{kind}_p{percent}_ms_{load_pct}": median_of(
            [getattr(run.figures, f"{kind}_p{percent}_ms") for run in runs]
        )
        for load_pct, runs in trials.items()
        for kind in KINDS
        for percent in PERCENTS
    }


def table_of(figures: dict[str, float | None]) -> Table:
    """What people read."""
    table = Table(title="Milliseconds, p50 / p95 / p99", title_justify="left", box=None)
    for name in ("load", *KINDS.values()):
        table.add_column(name, justify="right")
    for load_pct in LOADS_PCT:
        cells = []
        for kind in KINDS:
            values = [figures.get(f"{kind}_p{percent}_ms_{load_pct}") for percent in PERCENTS]
            cells.append(" / ".join("–" if ms is None else f"{ms:.0f}" for ms in values))
        table.add_row(f"{load_pct} %", *cells)
    return table


if __name__ == "__main__":
    app()

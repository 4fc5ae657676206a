"""What do faults cost? A worker is stopped, stands still, is killed, overrun, visited and fuzzed.

Real processes with the real networks. Nothing here is an average: each figure is of one fault, the
worst of all streams.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.errors import RaptError
from rich.console import Console
from rich.table import Table

from benchmarks.breaking.bursting import OPENINGS, burst
from benchmarks.breaking.churning import churn
from benchmarks.breaking.draining import STREAMS, drain
from benchmarks.breaking.fuzzing import fuzz
from benchmarks.breaking.killing import kill
from benchmarks.breaking.plot import draw_faults
from benchmarks.breaking.stalling import stall
from benchmarks.breaking.worker import worker_in
from benchmarks.plots import FOLDER
from benchmarks.record import RESULTS, record
from benchmarks.servers.pictures import face_picture
from inference.models.folder import ModelFolder

REPOSITORY = Path(__file__).resolve().parents[1]

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    minutes: Annotated[
        float, typer.Option(min=0.5, help="Minutes of churn; 30 to see a small leak.")
    ] = 5,
    inputs: Annotated[
        int, typer.Option(min=100, help="Damaged messages, and as many damaged pictures.")
    ] = 200_000,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """What do faults cost?"""
    load_before = round(os.getloadavg()[0], 1)
    try:
        figures = asyncio.run(_run(models.resolve(), minutes, inputs, pictures))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    parameters = {
        "streams": STREAMS,
        "fps": 2,
        "minutes": minutes,
        "inputs": inputs,
        "openings": OPENINGS,
        "load_before": load_before,
    }
    record("faults", parameters=parameters, figures=figures, path=results, copy=json)
    Console().print(table_of(figures))


async def _run(models: Path, minutes: float, inputs: int, pictures: Path) -> dict[str, object]:
    """Bring all of it about, one after the other."""
    picture, _ = face_picture(ModelFolder(models))
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as name:
        folder = Path(name)
        _say("a worker stands still")
        taken = await stall(folder, models)
        _say(f"a worker of {STREAMS} streams is stopped")
        drained = await drain(folder, models, picture)
        _say("one of two workers is killed")
        killed = await kill(folder, models, picture)
        _say(f"{OPENINGS} streams open within five seconds")
        bursted = await burst(folder, models, picture)
        _say(f"clients come and go for {minutes:g} minutes")
        async with worker_in(folder / "churns", models) as worker:
            churned = await churn(worker, picture, seconds=60 * minutes)
        _say(f"{inputs} damaged messages and as many damaged pictures")
        fuzzed = await fuzz(folder, models, inputs=inputs)
    waits_s = {"killed": killed.kill_waits_s, "stopped": drained.drain_waits_s}
    draw_faults(waits_s, churned, minutes=minutes, folder=pictures)
    figures: dict[str, object] = {
        f"stale_frames_{size // 1000}kb": frames for size, frames in taken.items()
    }
    for each in (drained, killed, bursted, churned, fuzzed):
        figures |= msgspec.to_builtins(each)
    return figures


def _say(what: str) -> None:
    terminal.print(what, highlight=False)


def table_of(figures: dict[str, object]) -> Table:
    """What people read; what is drawn is not among it."""
    table = Table(title="What faults cost", title_justify="left", box=None)
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        if not isinstance(value, list):
            table.add_row(name, f"{value}")
    return table


if __name__ == "__main__":
    app()

"""What do faults cost? A worker is stopped, stands still, is killed, and is visited by thousands.

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

from benchmarks.breaking.churning import churn
from benchmarks.breaking.draining import STREAMS, drain
from benchmarks.breaking.killing import kill
from benchmarks.breaking.stalling import stall
from benchmarks.record import RESULTS, record
from benchmarks.servers.pictures import face_picture
from inference.models.folder import ModelFolder

REPOSITORY = Path(__file__).resolve().parents[1]

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    minutes: Annotated[
        float, typer.Option(min=0.5, help="Minutes of churn; 30 to see a small leak.")
    ] = 5,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """What do faults cost?"""
    load_before = round(os.getloadavg()[0], 1)
    try:
        figures = asyncio.run(_run(models.resolve(), minutes))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    parameters = {"streams": STREAMS, "fps": 2, "minutes": minutes, "load_before": load_before}
    record("faults", parameters=parameters, figures=figures, path=results, copy=json)
    Console().print(table_of(figures))


async def _run(models: Path, minutes: float) -> dict[str, object]:
    picture, _ = face_picture(ModelFolder(models))
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as name:
        folder = Path(name)
        terminal.print("a worker stands still", highlight=False)
        taken = await stall(folder, models)
        figures: dict[str, object] = {
            f"stale_frames_{size // 1000}kb": frames for size, frames in taken.items()
        }
        terminal.print(f"a worker of {STREAMS} streams is stopped", highlight=False)
        figures |= msgspec.to_builtins(await drain(folder, models, picture))
        terminal.print("one of two workers is killed", highlight=False)
        figures |= msgspec.to_builtins(await kill(folder, models, picture))
        terminal.print(f"clients come and go for {minutes:g} minutes", highlight=False)
        churned = await churn(folder, models, picture, seconds=60 * minutes)
        figures |= msgspec.to_builtins(churned)
        return figures


def table_of(figures: dict[str, object]) -> Table:
    """What people read."""
    table = Table(title="What faults cost", title_justify="left", box=None)
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, f"{value}")
    return table


if __name__ == "__main__":
    app()

"""How soon are the services ready, and what do they take while nobody is there?

`./rapt up` is started a few times with one data folder, the first time empty; set-up is not part of
the question. Then the services are left alone for a while.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.errors import RaptError
from rapt.running import Running
from rich.console import Console
from rich.table import Table

from benchmarks.record import RESULTS, record
from benchmarks.usage import usage_of
from demo.services import running_services

REPOSITORY = Path(__file__).resolve().parents[1]
SETTLE_S = 10.0
"""After the start, before idleness is measured: the first upkeep of the store is over."""

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


class Idle(msgspec.Struct, frozen=True):
    """What the processes take while nobody is there."""

    core_share: dict[str, float]
    """Share of one core, by service."""
    memory_mb: dict[str, float]
    """Resident, by service; pages that they share count in each."""


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    starts: Annotated[int, typer.Option(min=1, help="How often to start.")] = 3,
    idle_s: Annotated[float, typer.Option(min=5, help="Seconds of idleness to measure.")] = 30,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """How soon are the services ready, and what do they take while nobody is there?"""
    load_before = round(os.getloadavg()[0], 1)
    try:
        ready_s, idle = asyncio.run(_run(models, starts, idle_s))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    figures = {
        "ready_s": ready_s,
        "idle_core_share": round(sum(idle.core_share.values()), 4),
        "idle_memory_mb": round(sum(idle.memory_mb.values()), 1),
        "idle": msgspec.to_builtins(idle),
    }
    parameters = {"starts": starts, "idle_s": idle_s, "load_before": load_before}
    record("standing", parameters=parameters, figures=figures, path=results, copy=json)
    print("Ready after " + ", ".join(f"{seconds:.1f} s" for seconds in ready_s) + ".\n")
    Console().print(table_of(idle))


async def _run(models: Path, starts: int, idle_s: float) -> tuple[list[float], Idle]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        ready_s: list[float] = []
        while True:
            began_s = time.perf_counter()
            async with running_services(data, models=models, port=0) as running:
                ready_s.append(round(time.perf_counter() - began_s, 2))
                if len(ready_s) == starts:
                    return ready_s, await _idle(running, idle_s)


async def _idle(running: Running, idle_s: float) -> Idle:
    await asyncio.sleep(SETTLE_S)
    before, began_s = usage_of(running.pids), time.perf_counter()
    await asyncio.sleep(idle_s)
    after, lasted_s = usage_of(running.pids), time.perf_counter() - began_s
    return Idle(
        core_share={
            name: round((after[name].cpu_s - before[name].cpu_s) / lasted_s, 4) for name in after
        },
        memory_mb={name: usage.memory_mb for name, usage in after.items()},
    )


def table_of(idle: Idle) -> Table:
    """What people read."""
    table = Table(title="While nobody is there", title_justify="left", box=None)
    for name in ("service", "share of a core", "memory, MB"):
        table.add_column(name, justify="right")
    for name, share in idle.core_share.items():
        table.add_row(name, f"{share:.2%}", f"{idle.memory_mb[name]:.0f}")
    return table


if __name__ == "__main__":
    app()

"""Who gets an answer in time when the device is busy, full, or far too small? Simulated.

The simulator runs the very objects of the server: its mailboxes, latency table and plan. Other
servers' queues are reduced to their rule and see the same frames on the same device: the sleep
model, 4 ms + 0.5 ms a frame, at most 64 in a run. 5 frames a second of each stream, 200 ms from
capture to answer unless said otherwise. No clock is involved: same seed, same figures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.plots import FOLDER
from benchmarks.record import RESULTS, record
from benchmarks.simulated.figures import Figures
from benchmarks.simulated.loads import Load
from benchmarks.simulated.plot import draw_queues
from benchmarks.simulated.policies import QUEUES, RULES, Contender, race

COLUMNS: dict[str, Callable[[Figures], str]] = {
    "in time/s": lambda row: f"{row.in_time_per_s:.0f}",
    "age p50": lambda row: f"{row.age_p50_ms:.0f}",
    "p95": lambda row: f"{row.age_p95_ms:.0f}",
    "p99 ms": lambda row: f"{row.age_p99_ms:.0f}",
    "fresh": lambda row: f"{row.fresh_share:.1%}",
    "Jain": lambda row: f"{row.jain:.3f}",
    "starved": lambda row: str(row.starved),
    "batch": lambda row: f"{row.mean_batch:.1f}",
    "padding": lambda row: f"{row.padding_share:.0%}",
    "busy": lambda row: f"{row.busy:.0%}",
}

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One load, and who serves it."""

    name: str
    load: Load
    contenders: tuple[Contender, ...]
    is_padded: bool = False


SCENARIOS = (
    *(Scenario(f"{pct}", Load.of(pct / 100), QUEUES) for pct in (40, 70, 95, 150)),
    Scenario("150_20_hogs", Load(433, hogs=20), QUEUES),
    *(
        Scenario(f"{name}_padded", load, RULES, is_padded=True)
        for name, load in {
            "95": Load.of(0.95),
            "150": Load.of(1.5),
            "300": Load.of(3.0),
            "95_slow_10pct": Load.of(0.95, slow_share=0.1),
            "150_slow_10pct": Load.of(1.5, slow_share=0.1),
            "150_noise_10pct": Load.of(1.5, noise=0.1),
            "150_2fps_1s": Load.of(1.5, fps=2.0, limit_s=1.0),
            "300_2fps_1s": Load.of(3.0, fps=2.0, limit_s=1.0),
        }.items()
    ),
)


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    seconds: Annotated[float, typer.Option(min=2, help="Simulated length of each.")] = 30.0,
    seed: Annotated[int, typer.Option(help="Of phases, delays and noise.")] = 1,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """Who gets an answer in time when the device is busy, full, or far too small?"""
    terminal = Console(stderr=True)
    tables: dict[str, dict[str, Figures]] = {}
    for scenario in track(SCENARIOS, "Simulating", console=terminal, transient=True):
        tables[scenario.name] = {
            contender.name: race(
                contender, scenario.load, seconds=seconds, seed=seed, is_padded=scenario.is_padded
            )
            for contender in scenario.contenders
        }
    parameters = {"seconds": seconds, "seed": seed}
    record("scheduling", parameters=parameters, figures=headlines(tables), path=results, copy=json)
    draw_queues(tables, folder=pictures)
    for scenario in SCENARIOS:
        Console(width=120).print(table_of(scenario, tables[scenario.name]), "")


def headlines(tables: Mapping[str, Mapping[str, Figures]]) -> dict[str, object]:
    """Return our own figures by name, and everyone's below them."""
    figures: dict[str, object] = {}
    for load in ("40", "95", "150"):
        ours = tables[load]["Rapt"]
        figures[f"in_time_per_s_{load}"] = ours.in_time_per_s
        figures[f"age_p99_ms_{load}"] = ours.age_p99_ms
        figures[f"jain_{load}"] = ours.jain
        figures[f"starved_{load}"] = ours.starved
    figures["tables"] = msgspec.to_builtins(tables)
    return figures


def table_of(scenario: Scenario, rows: Mapping[str, Figures]) -> Table:
    """What people read."""
    load = scenario.load
    offered = next(iter(rows.values())).offered_per_s
    title = f"{scenario.name}: {load.streams} streams, {offered:.0f} frames/s"
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for name, row in rows.items():
        table.add_row(name, *(show(row) for show in COLUMNS.values()))
    return table


if __name__ == "__main__":
    app()

"""Does everyone stay fresh when more frames come than the device can do?

A real worker with the sleep model as its device, over real gRPC: at 40, 95 and 150 % of what the
device can do at best, how many frames are answered within 200 ms of their capture, how old are the
answers, and who goes without? Then the same with the real networks on this machine's processor.

Open loop: frames leave on a schedule that is fixed before, from other processes, whatever becomes
of them; age counts from the scheduled capture. Warm-up is left out, the seed is fixed.
"""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.errors import RaptError
from rich.console import Console

from benchmarks.load.schedule import Scenario
from benchmarks.load_plots import draw_load
from benchmarks.load_table import sentences_of, table_of
from benchmarks.networks import Networks, measured
from benchmarks.record import RESULTS, record
from benchmarks.rounds import LOADS_PCT, headlines
from benchmarks.servers import rapt
from benchmarks.servers.inside.sleep_model import capacity_per_s
from benchmarks.servers.pictures import any_picture
from benchmarks.servers.server import Setting
from benchmarks.trial import Make, Trial, scenario_at, try_out

REPOSITORY = Path(__file__).resolve().parents[1]
SCALE = 2.0
"""Twice the usual sleep, 800 frames a second at best: at the usual 1600 two cores would be full of
senders and gRPC, and the question is about waiting."""

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)
Trials = dict[int, list[Trial]]


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Measured length of each run.")] = 10,
    warm_up: Annotated[float, typer.Option(min=0, help="Seconds before that.")] = 3,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each load.")] = 3,
    scale: Annotated[float, typer.Option(min=0.1, help="Of the model's sleep.")] = SCALE,
    seed: Annotated[int, typer.Option(help="Of phases and delays.")] = 1,
    networks: Annotated[bool, typer.Option(help="Measure the real networks, too.")] = True,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """Does everyone stay fresh when more frames come than the device can do?"""
    load_before = round(os.getloadavg()[0], 1)  # others on the machine make the answers older
    one = Scenario(seconds=seconds, warm_up_s=warm_up, seed=seed)
    parameters = {
        **msgspec.to_builtins(one),
        "runs": runs,
        "scale": scale,
        "capacity_per_s": capacity_per_s(scale),
        "load_before": load_before,
    }
    try:
        asleep = asyncio.run(_asleep(one, runs, scale))
        awake: Trials = {}
        if networks:
            real = measured(models)
            parameters["networks_capacity_per_s"] = round(real.capacity_per_s, 1)
            parameters["networks_see_a_face"] = real.has_face
            awake = asyncio.run(_awake(one, runs, real))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    figures = {**headlines(asleep), **headlines(awake, prefix="networks_")}
    record("overload", parameters=parameters, figures=figures, path=results, copy=json)
    _show(asleep, awake)
    draw_load("overload", {"Rapt, sleep model": asleep, "Rapt, real networks": awake})


async def _asleep(one: Scenario, runs: int, scale: float) -> Trials:
    setting = Setting(scale=scale, picture=any_picture())
    return await try_all(rapt.recipe, setting, one, runs, capacity_per_s(scale))


async def _awake(one: Scenario, runs: int, networks: Networks) -> Trials:
    setting = Setting(scale=1.0, picture=networks.picture)
    make = partial(rapt.recipe, models=networks.folder)
    return await try_all(make, setting, one, runs, networks.capacity_per_s)


async def try_all(  # noqa: PLR0913 - a server, a load, and how often
    make: Make,
    setting: Setting,
    one: Scenario,
    runs: int,
    capacity_per_s: float,
    *,
    loads: Sequence[int] = LOADS_PCT,
) -> Trials:
    """Try every load, one after the other, and that several times: what drifts meets all."""
    trials: Trials = {load_pct: [] for load_pct in loads}
    for index in range(runs):
        for load_pct in loads:
            scenario = scenario_at(one, load_pct, capacity_per_s, run=index)
            trial = await try_out(make, setting, scenario, capacity_per_s=capacity_per_s)
            trials[load_pct].append(trial)
            share = trial.figures.good_share
            terminal.print(f"{load_pct} %: {share:.1%} in time", highlight=False)
    return trials


def _show(asleep: Trials, awake: Trials) -> None:
    rows = [("sleep model", load_pct, trials) for load_pct, trials in asleep.items()]
    rows += [("real networks", load_pct, trials) for load_pct, trials in awake.items()]
    Console(width=140).print(table_of("Answered within 200 ms of the capture", rows))
    print("\n".join(["", *sentences_of(rows)]))


if __name__ == "__main__":
    app()

"""Who answers more frames in time: Rapt, Triton, MLServer, Ray Serve or LitServe?

Everyone serves the same sleep model to the same open-loop load, each rival as it comes and tuned by
hand, in an environment of its own, one server at a time and in turns (A B A B). That everyone works
at all is shown before the race, at 5 % load. Then NVIDIA's perf_analyzer keeps 64 requests under
way on ours and on Triton's, and one of four clients leaves in the middle of a batch. Last, our real
networks and MediaPipe's face mesh get the same frames.
A rival that cannot be had here is left out with a sentence.

Rapt is spoken to by its own call, which says when a frame was captured and how long its answer is
good; the others have no words for that. Their own words for a limit are among what was tuned.
And Rapt is spoken to as Triton is, one request a frame by the Open Inference Protocol: as it comes,
and tuned with the protocol's own `timeout`, as long as what Triton is given.
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

from benchmarks.contest import Contest, Contestant, race
from benchmarks.load.job import Speech
from benchmarks.load.schedule import Scenario
from benchmarks.load_plots import draw_load
from benchmarks.load_table import sentences_of, table_of
from benchmarks.networks import Networks, measured
from benchmarks.outcome import Outcome
from benchmarks.overload import SCALE
from benchmarks.record import RESULTS, record
from benchmarks.rounds import LOADS_PCT
from benchmarks.servers import litserve, mediapipe, mlserver, rapt, rayserve, triton
from benchmarks.servers.inside.sleep_model import capacity_per_s
from benchmarks.servers.pictures import any_picture
from benchmarks.servers.server import Setting

REPOSITORY = Path(__file__).resolve().parents[1]
AS_OTHERS = partial(rapt.recipe, speech=Speech.OIP_UNARY)
CONTESTANTS = (
    Contestant("rapt", rapt.recipe, oip=AS_OTHERS),
    Contestant("rapt_oip", AS_OTHERS, oip=AS_OTHERS, has_knobs=True),
    Contestant("triton", triton.recipe, oip=triton.recipe, has_knobs=True),
    Contestant("mlserver", mlserver.recipe, oip=mlserver.recipe, has_knobs=True, is_patient=True),
    Contestant("rayserve", rayserve.recipe, oip=rayserve.recipe, has_knobs=True, is_patient=True),
    Contestant("litserve", litserve.recipe, oip=litserve.recipe, has_knobs=True),
)
VERSIONS = {
    "triton": "2.51",
    "mlserver": "1.7.1",
    "rayserve": "2.60.0",
    "litserve": "0.2.19",
    "mediapipe": "0.10.21",
}
WEBCAM_FPS = 15.0
"""Few streams with many frames each: a mesh for every stream takes memory and threads."""

ANALYZED = ("rapt", "triton")
"""Who speaks Triton's stream."""

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    only: Annotated[str, typer.Option(help="Some of them, by name, with commas.")] = "",
    seconds: Annotated[float, typer.Option(min=1, help="Measured length of each run.")] = 8,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each load.")] = 3,
    scale: Annotated[float, typer.Option(min=0.1, help="Of the model's sleep.")] = SCALE,
    seed: Annotated[int, typer.Option(help="Of phases and delays.")] = 1,
    networks: Annotated[bool, typer.Option(help="Race MediaPipe with the real ones.")] = True,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """Who answers more frames in time: Rapt, Triton, MLServer, Ray Serve or LitServe?"""
    load_before = round(os.getloadavg()[0], 1)
    one = Scenario(seconds=seconds, warm_up_s=3, seed=seed)
    names = only.split(",") if only else [contestant.name for contestant in CONTESTANTS]
    try:
        asleep = asyncio.run(race(_asleep(one, runs, scale, names), _say))
        awake = Outcome(LOADS_PCT)
        if networks:
            awake = asyncio.run(race(_awake(one, runs, measured(models)), _say))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    parameters = {
        **msgspec.to_builtins(one),
        "runs": runs,
        "scale": scale,
        "capacity_per_s": capacity_per_s(scale),
        "load_before": load_before,
        "rivals": VERSIONS,
        "missing": asleep.missing | awake.missing,
    }
    figures = asleep.figures() | awake.figures()
    record("rivals", parameters=parameters, figures=figures, path=results, copy=json)
    _show("The same model and load, one server at a time", asleep)
    if networks:
        _show("Faces on this machine's processor, one process each", awake)
    draw_load("rivals", {_label(name): trials for name, trials in asleep.trials.items()})


def _asleep(one: Scenario, runs: int, scale: float, names: Sequence[str]) -> Contest:
    return Contest(
        contestants=[contestant for contestant in CONTESTANTS if contestant.name in names],
        scenario=one,
        runs=runs,
        capacity_per_s=capacity_per_s(scale),
        setting=Setting(scale=scale, picture=any_picture()),
        analyzed=ANALYZED,
        leaves=True,
    )


def _awake(one: Scenario, runs: int, networks: Networks) -> Contest:
    """Our networks and MediaPipe's, at shares of what ours can do."""
    ours = partial(rapt.recipe, models=networks.folder)
    return Contest(
        contestants=[
            Contestant("rapt_networks", ours, oip=ours),
            Contestant("mediapipe", mediapipe.recipe, oip=mediapipe.recipe),
        ],
        scenario=msgspec.structs.replace(one, fps=WEBCAM_FPS),
        runs=runs,
        capacity_per_s=networks.capacity_per_s,
        setting=Setting(scale=1.0, picture=networks.picture),
    )


def _say(words: str) -> None:
    terminal.print(words, highlight=False)


def _show(title: str, outcome: Outcome) -> None:
    rows = [
        (server, load_pct, trials)
        for load_pct in outcome.loads
        for server, by_load in outcome.trials.items()
        if (trials := by_load[load_pct])
    ]
    Console(width=140).print(table_of(title, rows))
    print("\n".join(["", *sentences_of(rows), "", *outcome.sentences(), ""]))


def _label(name: str) -> str:
    words = {
        "rapt_oip": "Rapt, spoken to as Triton is",
        "rayserve": "Ray Serve",
        "mlserver": "MLServer",
        "litserve": "LitServe",
    }
    server = name.removesuffix("_tuned")
    return f"{words.get(server, server.capitalize())}{', tuned' if server != name else ''}"


if __name__ == "__main__":
    app()

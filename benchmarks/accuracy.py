"""How right are head, lids, faces and states? Closed loop, on puppets whose truth is known.

Heads and faces are pictures, blinks a sitting at 10 frames/s, states a class at 2 frames/s through
the running services, read back from the store. Puppets check signs, slopes and regressions; they
say nothing about people. Where clips of people are at hand (`--clips`), what is measured on them is
added.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.client import Rest
from rapt.errors import RaptError
from rich.console import Console

from benchmarks.closed_loop.plot import draw_accuracy
from benchmarks.closed_loop.states import Lag, States, confusion_of, lag_of, states_of
from benchmarks.closed_loop.stills import SEED, Stills, measure_stills
from benchmarks.closed_loop.tables import show
from benchmarks.plots import FOLDER
from benchmarks.record import RESULTS, record
from demo.performance import Cast, draw_puppets, make_lesson, perform, puppet_cameras
from demo.report import Class
from demo.script import MIN_SECONDS, make_script
from demo.services import running_services
from inference.models.folder import ModelFolder

REPOSITORY = Path(__file__).resolve().parents[1]

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    students: Annotated[int, typer.Option(min=1, help="Students of the class.")] = 24,
    seconds: Annotated[int, typer.Option(min=MIN_SECONDS, help="Length of the class.")] = 120,
    data: Annotated[Path, typer.Option(help="Data folder.")] = REPOSITORY / ".rapt",
    models: Annotated[Path | None, typer.Option(help="Built models.")] = None,
    clips: Annotated[
        Path | None, typer.Option(envvar="RAPT_EVAL_DATA", help="Folder of clips of people.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """How right are head, lids, faces and states? Closed loop, on puppets whose truth is known."""
    folder = ModelFolder(models or data / "models")
    try:
        still = measure_stills(folder, clips, terminal)
        lesson = asyncio.run(_lesson(data, folder.path, students, seconds))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    told = states_of(confusion_of(lesson))
    lag = lag_of(lesson.parts, lesson.sheets)
    figures = figures_of(still, told, lag)
    parameters = {"students": students, "seconds": seconds, "seed": SEED, "model": folder.version}
    record("accuracy", parameters=parameters, figures=figures, path=results, copy=json)
    draw_accuracy(still, told, folder=pictures)
    show(still, told, lag)


async def _lesson(data: Path, models: Path, students: int, seconds: int) -> Class:
    """Hold a class with the running services and read back what is stored about it."""
    async with running_services(data, models=models, port=0) as running:
        drawn = await asyncio.to_thread(draw_puppets, models)
        async with Rest(running.gateway_url, running.local_token) as rest:
            cast = Cast(
                make_script(students=students, seconds=seconds, seed=SEED),
                puppet_cameras(drawn, students),
            )
            content_id = await make_lesson(rest, seconds, None)
            return await perform(rest, content_id, seconds, cast, terminal)


def figures_of(still: Stills, told: States, lag: Lag) -> dict[str, object]:
    """What is recorded."""
    yaw, pitch, roll = still.head.yaw, still.head.pitch, still.head.roll
    assert yaw is not None  # noqa: S101 - every pose is measured
    assert pitch is not None  # noqa: S101 - the three come together
    assert roll is not None  # noqa: S101 - the three come together
    return {
        "yaw_residual_deg": yaw.residual_deg,
        "yaw_slope": yaw.slope,
        "pitch_mae_deg": pitch.mae_deg,
        "roll_mae_deg": roll.mae_deg,
        "blink_recall": still.blinks.recall,
        "blink_precision": still.blinks.precision,
        "state_macro_f1": told.macro_f1,
        "verdict_lag_p50_ms": lag.p50_ms,
        "verdict_lag_p95_ms": lag.p95_ms,
        "stills": msgspec.to_builtins(still),
        "states": msgspec.to_builtins(told),
        "lag": msgspec.to_builtins(lag),
    }


if __name__ == "__main__":
    app()

"""How many faces a second does one core carry, against MediaPipe's face mesh on the same frames?

Both processes are pinned to the same core and take turns, lap by lap, so that a disturbance hits
both. Both decode the same JPEGs, encoded as the student's page does (4:2:0, quality 60):
MediaPipe's user with OpenCV, Rapt with its own decoder. MediaPipe follows one stream; Rapt follows
eight at once, as a server does, the same frames divided among them, forth and back. What is
compared is landmarks alone; measuring pose, gaze and lids is timed beside it.
Processor time counts, not the clock on the wall: the machine may have other work.
Where a process happens to lie in memory makes it up to a tenth quicker or slower for its whole
life, so there are several sittings, each with a MediaPipe and networks begun anew.
"""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.errors import Fault, RaptError
from rich.console import Console
from rich.table import Table

from benchmarks.landmarks.ours import Streams
from benchmarks.landmarks.plot import draw_throughput
from benchmarks.landmarks.scenes import Scene, clip, turning
from benchmarks.landmarks.theirs import FaceMesh, face_mesh
from benchmarks.peers import pinned
from benchmarks.plots import FOLDER
from benchmarks.record import RESULTS, record
from demo.puppet.landmarks import load_portraits
from inference.models.folder import ModelFolder
from inference.perception.pipeline import Pipeline

REPOSITORY = Path(__file__).resolve().parents[1]
WIDTHS_PX = (320, 640)
FRAMES = 64
CALM_FRAMES = 240
"""A turn of the puppet's head and back takes ten seconds."""
STREAMS = 8
WARM_LAPS = 2

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


class Raced(msgspec.Struct, frozen=True):
    """One scene, in one sitting or over all of them."""

    scene: str
    mediapipe_ms: float
    """Processor milliseconds a frame, median of the laps; of several sittings their mean."""
    rapt_ms: float
    """For the same landmarks."""
    rapt_measured_ms: float
    """With everything measured."""
    ratio: float
    """MediaPipe's time over Rapt's, median over pairs of laps; of several sittings their mean."""
    ratio_measured: float
    ratios: tuple[float, ...] = ()
    """Of each sitting."""


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    laps: Annotated[int, typer.Option(min=3, help="Laps of each in a sitting.")] = 7,
    sittings: Annotated[int, typer.Option(min=1, help="How often both begin anew.")] = 5,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    data: Annotated[
        Path | None, typer.Option(envvar="RAPT_EVAL_DATA", help="Folder with clips, if any.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """How many faces a second does one core carry, against MediaPipe's face mesh?"""
    load_before = round(os.getloadavg()[0], 1)
    pin()
    try:
        folder = ModelFolder(models)
        shown = scenes(folder, data)
        rows = over_all([sitting(folder, shown, laps) for _ in range(sittings)])
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    figures = figures_of(rows)
    parameters = {
        "laps": laps,
        "sittings": sittings,
        "streams": STREAMS,
        "peers": {"mediapipe": pinned("mediapipe")},
        "load_before": load_before,
    }
    record("throughput", parameters=parameters, figures=figures, path=results, copy=json)
    times_ms = {r.scene: (r.mediapipe_ms, r.rapt_ms, r.rapt_measured_ms) for r in rows}
    draw_throughput(times_ms, folder=pictures)
    Console().print(table_of(rows))
    print(f"{figures['cpu_ratio_to_mediapipe']} times MediaPipe's throughput on one core.")


def figures_of(rows: Sequence[Raced]) -> dict[str, object]:
    """What is recorded."""
    return {
        "cpu_ratio_to_mediapipe": round(statistics.geometric_mean(r.ratio for r in rows), 3),
        "cpu_ratio_worst": min(one for row in rows for one in row.ratios),
        "cpu_ratio_measured": round(statistics.geometric_mean(r.ratio_measured for r in rows), 3),
        "frames_per_s_core": round(1000 / statistics.mean(row.rapt_ms for row in rows), 1),
        "frames_per_s_core_measured": round(
            1000 / statistics.mean(row.rapt_measured_ms for row in rows), 1
        ),
        "scenes": [msgspec.to_builtins(row) for row in rows],
    }


def pin() -> None:
    """Keep this process, and those that it starts, on one core: the last it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def scenes(folder: ModelFolder, data: Path | None) -> list[Scene]:
    """A moving head in two sizes: the clip's where it is there, else a puppet's."""
    clips = [clip(data, width=w, most=FRAMES, skip=150) for w in WIDTHS_PX] if data else []
    found = [scene for scene in clips if scene is not None]
    if found:
        return found
    portrait = load_portraits(folder)[1]
    return [turning(portrait, width, FRAMES, period=CALM_FRAMES) for width in WIDTHS_PX]


def sitting(folder: ModelFolder, shown: Sequence[Scene], laps: int) -> list[Raced]:
    """Begin both anew and race through every scene."""
    with face_mesh() as theirs:
        return [race(folder, theirs, scene, laps) for scene in shown]


def over_all(sittings: Sequence[Sequence[Raced]]) -> list[Raced]:
    """Scene by scene: mean times, geometric mean of the ratios."""
    return [
        Raced(
            scene=own[0].scene,
            mediapipe_ms=round(statistics.mean(one.mediapipe_ms for one in own), 3),
            rapt_ms=round(statistics.mean(one.rapt_ms for one in own), 3),
            rapt_measured_ms=round(statistics.mean(one.rapt_measured_ms for one in own), 3),
            ratio=round(statistics.geometric_mean(one.ratio for one in own), 3),
            ratio_measured=round(statistics.geometric_mean(one.ratio_measured for one in own), 3),
            ratios=tuple(one.ratio for one in own),
        )
        for own in zip(*sittings, strict=True)
    ]


def race(folder: ModelFolder, theirs: FaceMesh, scene: Scene, laps: int) -> Raced:
    """Let both look at the frames in turns."""
    there_and_back = (*scene.frames, *reversed(scene.frames))
    theirs.load(there_and_back)
    pipelines = [Pipeline.load(folder, provider="cpu", threads=1) for _ in range(2)]
    streams = [Streams(pipeline, scene.frames, STREAMS) for pipeline in pipelines]
    runners: tuple[Callable[[], tuple[float, int]], ...] = (
        lambda: _lap(theirs),
        lambda: timed(streams[0].find),
        lambda: timed(streams[1].observe),
    )
    times: list[list[float]] = [[] for _ in runners]
    for lap in range(WARM_LAPS + laps):
        for runner, own in zip(runners, times, strict=True):
            spent_s, found = runner()
            if found != len(there_and_back):  # to lose faces is quick
                raise Fault(f"{found} of {len(there_and_back)} faces were found in {scene.name}")
            if lap >= WARM_LAPS:
                own.append(spent_s)
    peer_s, found_s, measured_s = times
    peer_ms, rapt_ms, measured_ms = (
        round(1000 * statistics.median(own) / len(there_and_back), 3) for own in times
    )
    return Raced(
        scene=scene.name,
        mediapipe_ms=peer_ms,
        rapt_ms=rapt_ms,
        rapt_measured_ms=measured_ms,
        ratio=round(_ratio(peer_s, found_s), 3),
        ratio_measured=round(_ratio(peer_s, measured_s), 3),
    )


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """Processor seconds of all threads of this process, and the faces found."""
    began_s = time.process_time()
    found = work()
    return time.process_time() - began_s, found


def _lap(theirs: FaceMesh) -> tuple[float, int]:
    lap = theirs.lap()
    return lap.cpu_s, lap.found


def _ratio(theirs: list[float], ours: list[float]) -> float:
    return statistics.median(t / o for t, o in zip(theirs, ours, strict=True))


def table_of(rows: list[Raced]) -> Table:
    """What people read."""
    table = Table(title="Processor milliseconds a frame", title_justify="left", box=None)
    table.add_column("scene")
    for name in ("MediaPipe", "Rapt", "ratio", "Rapt, all measured", "ratio"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.scene,
            f"{row.mediapipe_ms:.2f}",
            f"{row.rapt_ms:.2f}",
            f"{row.ratio:.2f}",
            f"{row.rapt_measured_ms:.2f}",
            f"{row.ratio_measured:.2f}",
        )
    return table


if __name__ == "__main__":
    app()

"""Does Rapt find the landmarks that MediaPipe's own face mesh finds? End to end, from the JPEG on.

Both get the same bytes: portraits and puppets that nobody has looked at before (detection), and
heads that move from frame to frame (following), pictures without a face and with two. MediaPipe
makes one mesh pass a call. Rapt makes a second one after a detection and when a face has moved;
there MediaPipe is shown the frame again, so that both have made the same passes. Distances are in
the picture, in percent of the distance of the outer eye corners. MediaPipe 0.10.21 runs in an
environment of its own.

A mesh that follows its own landmarks is sensitive: differences in the seventh digit grow from frame
to frame until, for a while, they are percents. So when following, both start each frame from
MediaPipe's landmarks of the frame before. The free-running figures are given, too, beside those of
MediaPipe against itself, started one frame later.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
import typer
from rapt.errors import RaptError
from rich.console import Console
from rich.table import Table

from benchmarks.landmarks.ours import find, track_of
from benchmarks.landmarks.plot import draw_parity
from benchmarks.landmarks.scenes import Scene, clip, company, stills, turning, without_faces
from benchmarks.landmarks.theirs import FaceMesh, face_mesh
from benchmarks.peers import pinned
from benchmarks.plots import FOLDER
from benchmarks.record import RESULTS, record
from demo.puppet.landmarks import load_portraits
from inference.models.folder import ModelFolder
from inference.perception import points
from inference.perception.look import Track
from inference.perception.pipeline import Pipeline

F32 = npt.NDArray[np.float32]

REPOSITORY = Path(__file__).resolve().parents[1]
MAX_PCT = 0.2
LARGE_PX = 1280
"""Here a face is so large that Rapt decodes at half the size, and no claim is made."""
PASSES_AFRESH = 2
"""Of Rapt's mesh over each face of a picture that nobody has looked at before."""
SAME_FACE = 0.5
"""Two faces whose landmarks lie further apart than this share of the eye distance are two."""

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


class Compared(msgspec.Struct, frozen=True):
    """One scene."""

    scene: str
    frames: int
    faces: int
    """Found by both."""
    missed: int
    """Found by one alone."""
    median_pct: float
    p99_pct: float
    max_pct: float


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Landmarks (N, 478, 3) of two on the same frames; NaN where there is no face."""

    scene: str
    ours: F32
    theirs: F32
    uncounted: int = 0
    """Faces of further people that one alone found."""

    def differences_pct(self) -> F32:
        """(faces, 478) distances of those who are the same, percent of the outer eye distance."""
        apart = np.linalg.norm(self.ours[:, :, :2] - self.theirs[:, :, :2], axis=2)
        eyes = self.theirs[:, points.LEFT_OUTER, :2] - self.theirs[:, points.RIGHT_OUTER, :2]
        shares = apart / np.linalg.norm(eyes, axis=1)[:, None]
        return np.asarray(100 * shares[shares.mean(axis=1) < SAME_FACE], np.float32)  # NaN is not

    def compared(self) -> Compared:
        """The same in a row."""
        apart = self.differences_pct()
        ranked = apart if len(apart) else np.zeros(1)  # where nobody finds a face all is the same
        found = ~np.isnan(self.ours[:, 0, 0]) | ~np.isnan(self.theirs[:, 0, 0])
        figures = (round(float(np.percentile(ranked, q)), 4) for q in (50, 99, 100))
        missed = int(found.sum()) - len(apart) + self.uncounted
        return Compared(self.scene, len(found), len(apart), missed, *figures)


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    data: Annotated[
        Path | None, typer.Option(envvar="RAPT_EVAL_DATA", help="Folder with clips, if any.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """Does Rapt find the landmarks that MediaPipe's own face mesh finds?"""
    try:
        folder = ModelFolder(models)
        pipeline = Pipeline.load(folder, provider="cpu")
        with face_mesh() as theirs:
            found = look(pipeline, theirs, folder, data)
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    parameters = {
        "provider": pipeline.provider,
        "clips": data is not None,
        "peers": {"mediapipe": pinned("mediapipe")},
    }
    record("parity", parameters=parameters, figures=found.figures(), path=results, copy=json)
    curves = {
        "Rapt, frame by frame": found.pairs,
        "Rapt, running free": found.free,
        "MediaPipe itself, started one frame later": found.itself,
    }
    distances = {name: all_of(pairs) for name, pairs in curves.items()}
    draw_parity(distances, limit_pct=MAX_PCT, folder=pictures)
    for title, pairs in {**curves, "Decoded at half the size": found.scaled}.items():
        Console().print(table_of(title, [pair.compared() for pair in pairs]))
    rows = [pair.compared() for pair in found.pairs]
    print(verdict(max(row.max_pct for row in rows), sum(row.missed for row in rows)))


def look(pipeline: Pipeline, theirs: FaceMesh, folder: ModelFolder, data: Path | None) -> "Found":
    """Let both look at everything."""
    chosen = scenes(folder, data)
    free = [run_free(pipeline, theirs, scene) for scene in chosen if scene.follows]
    large = turning(load_portraits(folder)[0], LARGE_PX, 16)
    return Found(
        pairs=[in_step(pipeline, theirs, scene) for scene in chosen],
        free=[pair for pair, _ in free],
        itself=[itself for _, itself in free],
        scaled=[in_step(pipeline, theirs, large)],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Everything that was compared."""

    pairs: list[Pair]
    """Frame by frame: what the claim is about."""
    free: list[Pair]
    """Each following its own landmarks."""
    itself: list[Pair]
    """MediaPipe and MediaPipe, one frame later."""
    scaled: list[Pair]
    """Frames so large that Rapt decodes them at half the size."""

    def figures(self) -> dict[str, object]:
        """What is recorded."""
        rows = [pair.compared() for pair in self.pairs]
        return {
            **figures_of("landmark", self.pairs),
            "faces_missed": sum(row.missed for row in rows),
            "faces": sum(row.faces for row in rows),
            **figures_of("free_running", self.free),
            **figures_of("mediapipe_itself", self.itself),
            **figures_of("scaled_decode", self.scaled),
            "scenes": [msgspec.to_builtins(row) for row in rows],
        }


def all_of(pairs: list[Pair]) -> F32:
    """Differences of all of them, in one row."""
    return np.concatenate([pair.differences_pct().ravel() for pair in pairs])


def figures_of(name: str, pairs: list[Pair]) -> dict[str, float]:
    """Median, 99th percentile and largest difference of all of them."""
    if not pairs:
        return {}
    apart = all_of(pairs)
    ranks = {"median": 50, "p99": 99, "max": 100}
    return {f"{name}_{k}_pct": round(float(np.percentile(apart, q)), 4) for k, q in ranks.items()}


def scenes(folder: ModelFolder, data: Path | None) -> list[Scene]:
    """Everything that both look at."""
    chosen = [*stills(folder), without_faces(folder), company(folder)]
    for portrait in load_portraits(folder):
        chosen.extend(turning(portrait, width) for width in (320, 640))
    for width, every in ((640, 1), (320, 1), (640, 12)):
        taken = clip(data, width=width, every=every) if data else None
        if taken is not None:
            chosen.append(taken)
    return chosen


def in_step(pipeline: Pipeline, theirs: FaceMesh, scene: Scene) -> Pair:
    """Show both each frame; when following, both go on from where MediaPipe was.

    Of several faces Rapt measures the largest and counts all. So MediaPipe's nearest is compared,
    and the counts are.
    """
    ours, others = [], []
    uncounted = 0
    track: Track | None = None
    for index, frame in enumerate(scene.frames):
        found = find(pipeline, frame, track)
        afresh = index == 0 or not scene.follows
        passes = max(1, found.passes) if scene.faces == 1 else PASSES_AFRESH
        [several] = theirs.show_several([frame], [passes], afresh=afresh, faces=scene.faces)
        marks = nearest(several, found.landmarks)
        if scene.faces > 1:
            uncounted += abs(found.faces - int((~np.isnan(several[:, 0, 0])).sum()))
        ours.append(found.landmarks)
        others.append(marks)
        track = track_of(marks, scene.width) if scene.follows else None
    return Pair(scene.name, np.stack(ours), np.stack(others), uncounted)


def nearest(several: F32, to: F32) -> F32:
    """(478, 3) the face of (F, 478, 3) whose points lie nearest; the first where there is none."""
    apart = np.linalg.norm(several - to, axis=2).mean(axis=1)
    chosen = 0 if np.isnan(apart).all() else int(np.nanargmin(apart))
    return np.asarray(several[chosen], np.float32)


def run_free(pipeline: Pipeline, theirs: FaceMesh, scene: Scene) -> tuple[Pair, Pair]:
    """Let each follow its own landmarks: Rapt and MediaPipe, MediaPipe and itself."""
    ours, passes = [], []
    track: Track | None = None
    for frame in scene.frames:
        found = find(pipeline, frame, track)
        ours.append(found.landmarks)
        passes.append(max(1, found.passes))
        track = found.track
    whole = theirs.show(scene.frames, passes, afresh=True)
    later = theirs.show(scene.frames[1:], [passes[0], *passes[2:]], afresh=True)
    return Pair(scene.name, np.stack(ours), whole), Pair(scene.name, later, whole[1:])


def verdict(max_pct: float, missed: int) -> str:
    """What it comes to, in a sentence."""
    if max_pct <= MAX_PCT and not missed:
        return f"The same faces, and every landmark within {MAX_PCT} % of the eye distance."
    return f"NOT the same: {missed} faces found by one alone, landmarks up to {max_pct:.2f} % off."


def table_of(title: str, rows: list[Compared]) -> Table:
    """What people read."""
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("scene")
    for name in ("frames", "faces", "missed", "median %", "p99 %", "max %"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.scene,
            str(row.frames),
            str(row.faces),
            str(row.missed),
            f"{row.median_pct:.3f}",
            f"{row.p99_pct:.3f}",
            f"{row.max_pct:.3f}",
        )
    return table


if __name__ == "__main__":
    app()

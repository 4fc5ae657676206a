"""Does Rapt find the landmarks that MediaPipe's own face mesh finds? End to end, from the JPEG on.

Both get the same bytes: portraits and puppets that nobody has looked at before (detection), and
heads that move from frame to frame (following). MediaPipe makes one mesh pass a call. Rapt makes a
second one after a detection and when a face has moved; there MediaPipe is shown the frame again, so
that both have made the same passes. Distances are in the picture, in percent of the distance of the
outer eye corners. MediaPipe 0.10.21 runs in an environment of its own.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
import typer
from rapt.errors import RaptError
from rich.console import Console
from rich.table import Table

from benchmarks.landmarks.ours import landmarks
from benchmarks.landmarks.scenes import Scene, clip, stills, turning
from benchmarks.landmarks.theirs import FaceMesh, face_mesh
from benchmarks.record import RESULTS, record
from demo.puppet.landmarks import load_portraits
from inference.models.folder import ModelFolder
from inference.perception import points
from inference.perception.pipeline import Pipeline

F32 = npt.NDArray[np.float32]

REPOSITORY = Path(__file__).resolve().parents[1]
MAX_PCT = 0.2
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


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    models: Annotated[Path, typer.Option(help="Built models.")] = REPOSITORY / ".rapt/models",
    data: Annotated[
        Path | None, typer.Option(envvar="RAPT_EVAL_DATA", help="Folder with clips, if any.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """Does Rapt find the landmarks that MediaPipe's own face mesh finds?"""
    try:
        folder = ModelFolder(models)
        pipeline = Pipeline.load(folder, provider="cpu")
        with face_mesh() as theirs:
            differences, rows = compare(pipeline, theirs, scenes(folder, data))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    figures = {
        "landmark_median_pct": round(float(np.median(differences)), 4),
        "landmark_p99_pct": round(float(np.percentile(differences, 99)), 4),
        "landmark_max_pct": round(float(differences.max()), 4),
        "faces_missed": sum(row.missed for row in rows),
        "faces": sum(row.faces for row in rows),
        "scenes": [msgspec.to_builtins(row) for row in rows],
    }
    parameters = {"provider": pipeline.provider, "clips": data is not None}
    run = record("parity", parameters=parameters, figures=figures, path=results)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(run)) + b"\n")
    Console().print(table_of(rows))
    print(verdict(float(differences.max()), sum(row.missed for row in rows)))


def scenes(folder: ModelFolder, data: Path | None) -> list[Scene]:
    """Everything that both look at."""
    chosen = [*stills(folder)]
    for portrait in load_portraits(folder):
        chosen.extend(turning(portrait, width) for width in (320, 640))
    for width, every in ((640, 1), (320, 1), (640, 12)):
        taken = clip(data, width=width, every=every) if data else None
        if taken is not None:
            chosen.append(taken)
    return chosen


def compare(
    pipeline: Pipeline, theirs: FaceMesh, chosen: list[Scene]
) -> tuple[F32, list[Compared]]:
    """Look at every scene with both; return all differences in percent, and a row a scene."""
    everything, rows = [], []
    for scene in chosen:
        ours, passes = landmarks(pipeline, scene)
        shown = [max(1, count) for count in passes]
        others = theirs.landmarks(scene.frames, shown, follows=scene.follows)[:, 0]
        apart = differences_pct(ours, others)
        is_found = ~np.isnan(ours[:, 0, 0]), ~np.isnan(others[:, 0, 0])
        is_same = apart.mean(axis=1) < 100 * SAME_FACE  # NaN is not
        everything.append(apart[is_same].ravel())
        rows.append(
            Compared(
                scene.name,
                len(scene.frames),
                int(is_same.sum()),
                int((is_found[0] | is_found[1]).sum() - is_same.sum()),
                *(round(float(np.percentile(apart[is_same], q)), 4) for q in (50, 99, 100)),
            )
        )
    return np.concatenate(everything), rows


def differences_pct(ours: F32, theirs: F32) -> F32:
    """(N, 478) distances in percent of the outer eye distance; NaN where a face is missing."""
    apart = np.linalg.norm(ours[:, :, :2] - theirs[:, :, :2], axis=2)
    eyes = theirs[:, points.LEFT_OUTER, :2] - theirs[:, points.RIGHT_OUTER, :2]
    return np.asarray(100 * apart / np.linalg.norm(eyes, axis=1)[:, None], np.float32)


def verdict(max_pct: float, missed: int) -> str:
    """What it comes to, in a sentence."""
    if max_pct <= MAX_PCT and not missed:
        return f"The same faces, and every landmark within {MAX_PCT} % of the eye distance."
    return f"NOT the same: {missed} faces found by one alone, landmarks up to {max_pct:.2f} % off."


def table_of(rows: list[Compared]) -> Table:
    """What people read."""
    table = Table(title="Rapt against MediaPipe's face mesh", title_justify="left", box=None)
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

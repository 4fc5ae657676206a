"""What does judging cost? Microseconds of one core for one frame of one stream, by batch.

Simulated people, known for a minute already, as the numbers that perception gives: no pictures, no
networks. The same frames are judged together (`judge_many`) and one by one (`judge`), in turns in
one run, so that the ratio holds on a busy machine too. Time is that of the process, not the wall's.
"""

import gc
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.plots import FOLDER, draw_legend, draw_limit, draw_lines, picture
from benchmarks.record import RESULTS, record
from inference.attention.judge import Memory, judge, judge_many
from inference.perception.observation import Observation

BATCHES = (1, 8, 32, 128)
FPS = 2
WARM_UP_FRAMES = 120
AWAY_EVERY_S, AWAY_S = 20, 5
MAX_STEP_US = 50.0
"""What judging may cost in a batch."""

app = typer.Typer(add_completion=False)


class Row(msgspec.Struct, frozen=True):
    """One size of batch. The best of the rounds: whoever else uses the machine only adds."""

    batch: int
    together_us: float
    """Of one frame of one stream, judged with the others."""
    alone_us: float
    """The same, one by one."""

    @property
    def gain(self) -> float:
        """How many times cheaper together is."""
        return round(self.alone_us / self.together_us, 2)


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the line here, too.")] = None,
    frames: Annotated[int, typer.Option(min=1, help="Of each stream in a round.")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="The best one counts.")] = 7,
    seed: Annotated[int, typer.Option(help="Of the people.")] = 1,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
    pictures: Annotated[Path, typer.Option(help="Draw into this folder.")] = FOLDER,
) -> None:
    """What does judging cost, by size of the batch?"""
    rows = [measure(batch, frames=frames, rounds=rounds, seed=seed) for batch in BATCHES]
    figures: dict[str, object] = {f"step_us_{row.batch}": row.together_us for row in rows}
    figures |= {f"gain_{row.batch}": row.gain for row in rows}
    parameters = {"frames": frames, "rounds": rounds, "seed": seed, "fps": FPS}
    record("attention", parameters=parameters, figures=figures, path=results, copy=json)
    draw_costs(rows, folder=pictures)
    Console().print(table_of(rows))


def measure(batch: int, *, frames: int, rounds: int, seed: int) -> Row:
    """Judge the same frames of as many streams together and one by one."""
    people = [random.Random(f"{seed}/{who}") for who in range(batch)]  # noqa: S311 - a draw, no secret
    memories = [Memory.new() for _ in people]
    for frame in range(WARM_UP_FRAMES):
        seen = _frame(people, frame)
        memories = [memory for memory, _ in judge_many(memories, seen, [frame / FPS] * batch)]
    best = [math.inf, math.inf]
    began = WARM_UP_FRAMES
    for _ in range(rounds):
        film = [_frame(people, frame) for frame in range(began, began + frames)]
        for way, judged in enumerate((_together, _alone)):
            gc.collect()
            started_s = time.process_time()
            after = judged(memories, film, began)
            taken_s = time.process_time() - started_s
            best[way] = min(best[way], 1e6 * taken_s / (frames * batch))
        memories = after
        began += frames
    return Row(batch, round(best[0], 1), round(best[1], 1))


def _together(
    memories: list[Memory], film: Sequence[Sequence[Observation]], began: int
) -> list[Memory]:
    for frame, seen in enumerate(film, began):
        judged = judge_many(memories, seen, [frame / FPS] * len(memories))
        memories = [memory for memory, _ in judged]
    return memories


def _alone(
    memories: list[Memory], film: Sequence[Sequence[Observation]], began: int
) -> list[Memory]:
    for frame, seen in enumerate(film, began):
        pairs = zip(memories, seen, strict=True)
        memories = [judge(memory, observed, frame / FPS)[0] for memory, observed in pairs]
    return memories


def _frame(people: Sequence[random.Random], frame: int) -> list[Observation]:
    """What is measured of everyone now: most watch, some look aside, some are not there."""
    return [_observed(chance, frame / FPS + who) for who, chance in enumerate(people)]


def _observed(chance: random.Random, at_s: float) -> Observation:
    turn, since_s = divmod(at_s, AWAY_EVERY_S)
    is_elsewhere = since_s < AWAY_S
    if is_elsewhere and turn % 2:
        return Observation(faces=0, brightness=0.5)
    yaw_rad, pitch_rad = chance.gauss(0.7 if is_elsewhere else 0.0, 0.03), chance.gauss(-0.1, 0.03)
    return Observation(
        faces=1,
        brightness=0.5,
        face_box=(0.3, 0.3, 0.6, 0.7),
        face_probability=1.0,
        head_yaw_rad=yaw_rad,
        head_pitch_rad=pitch_rad,
        head_roll_rad=0.0,
        gaze_yaw_rad=yaw_rad + chance.gauss(0, 0.05),
        gaze_pitch_rad=pitch_rad + chance.gauss(0, 0.05),
        gaze_sigma_rad=0.21,
        eye_aspect_ratio=0.06 if chance.random() < 0.05 else chance.gauss(0.3, 0.01),  # noqa: PLR2004 - a blink now and then
        eye_distance_px=72.0,
        sharpness=chance.gauss(300, 20),
    )


def draw_costs(rows: Sequence[Row], *, folder: Path = FOLDER) -> None:
    """Draw the cost of a frame by the size of its batch."""
    costs = {
        "Rapt, together": {float(row.batch): row.together_us for row in rows},
        "Rapt, one by one": {float(row.batch): row.alone_us for row in rows},
    }
    with picture("attention", folder=folder) as [axes]:
        axes.set_xscale("log")
        title = f"Judging one frame, microseconds; {MAX_STEP_US:.0f} at most in a batch"
        draw_lines(axes, costs, title=title, x="streams in a batch")
        axes.set_xticks([row.batch for row in rows], [str(row.batch) for row in rows])
        axes.minorticks_off()
        draw_limit(axes, MAX_STEP_US, "")
        draw_legend(axes, columns=2)


def table_of(rows: Sequence[Row]) -> Table:
    """What people read."""
    table = Table(title="Judging one frame of one stream", title_justify="left", box=None)
    for name in ("streams in a batch", "together, us", "one by one, us", "gain"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            str(row.batch), f"{row.together_us:.1f}", f"{row.alone_us:.1f}", f"{row.gain:.2f}"
        )
    return table


if __name__ == "__main__":
    app()

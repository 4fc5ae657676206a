"""What needs no services: heads, faces, blinks and clips before the pipeline."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks.closed_loop import blinks, clips, faces, heads, turns
from benchmarks.closed_loop.blinks import Blinks
from benchmarks.closed_loop.views import CONDITIONS, PLAIN, head_poses, shots
from demo.puppet.landmarks import load_portraits
from demo.puppet.portrait import Portrait
from inference.models.folder import ModelFolder
from inference.perception.look import Wants
from inference.perception.pipeline import Pipeline

SEED = 7
MIXED_POSES = 60
POSES_PER_CONDITION = 16
VIEWS_PER_SIZE = 10
BLINK_S = 120.0


class Stills(msgspec.Struct, frozen=True):
    """Everything that is measured."""

    head: heads.Bin
    gaze: heads.Gaze
    """Of the same pictures."""
    by_angle: list[heads.Bin]
    by_condition: list[heads.Bin]
    by_size: list[faces.Found]
    by_size_in_room: list[faces.Found]
    """The same pictures from a room camera, whose detector is another one."""
    empty: faces.Empty
    blinks: Blinks
    clip: clips.OneFace | None
    room: clips.Room | None
    turned: list[turns.Turned]
    """What the clips say of the yaw gain."""


def measure_stills(folder: ModelFolder, of_people: Path | None, terminal: Console) -> Stills:
    """Draw everything, look at it, and compare; a minute or two.

    Args:
        folder: the models.
        of_people: folder of the clips for evaluation, where there is one.
        terminal: told what is being measured.
    """
    pipeline = Pipeline.load(folder, "cpu", threads=1)
    portraits = load_portraits(folder)
    with terminal.status("heads"):
        plain = heads.measure(
            pipeline, list(shots(portraits, head_poses(MIXED_POSES, seed=SEED), PLAIN))
        )
        few = head_poses(POSES_PER_CONDITION, seed=SEED + 1)[::2]
        by_condition = [
            heads.bin_of(
                each.kind,
                each.value,
                heads.measure(pipeline, list(shots(portraits, few, each))),
            )
            for each in CONDITIONS
        ]
    with terminal.status("faces"):
        look_at = partial(faces.by_size, pipeline, portraits, views=VIEWS_PER_SIZE, seed=SEED)
        by_size, in_room = look_at(), look_at(wants=Wants(room=True))
        empty = faces.where_none_is(pipeline, folder, seed=SEED)
    with terminal.status("blinks"):
        told = _blinks(pipeline, portraits)
    with terminal.status("clips"):
        one = None if of_people is None else clips.one_face(pipeline, of_people)
        room = None if of_people is None else clips.room(pipeline, of_people)
        real = [] if of_people is None else turns.turned(pipeline, folder, of_people)
    return Stills(
        heads.bin_of("plain", "", plain),
        heads.gaze_of(plain),
        heads.by_angle(plain),
        by_condition,
        by_size,
        in_room,
        empty,
        told,
        one,
        room,
        real,
    )


def _blinks(pipeline: Pipeline, portraits: Sequence[Portrait]) -> Blinks:
    true = found = right = 0
    for number, portrait in enumerate(portraits):
        script = blinks.script(BLINK_S, seed=SEED + number)
        sitting = blinks.frames(portrait, script, BLINK_S, seed=SEED + number)
        one = blinks.compare(script, blinks.found(pipeline, sitting))
        true, found, right = true + one.true, found + one.found, right + one.right
    return Blinks(true, found, right)

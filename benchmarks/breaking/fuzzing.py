"""Damaged messages and pictures by the hundred thousand: does anything end, does memory grow?"""

import asyncio
import random
from pathlib import Path

import msgspec

from benchmarks.breaking.bombarding import COUNTED, Bombed, bombard
from benchmarks.breaking.decoding import IN_ONE_CHILD, Died, decode_in_a_child
from benchmarks.breaking.worker import Worker, worker_in

SUMMING = ("benchmarks.breaking.summing",)
SEED = 20_261_120
PARTS = 5
"""Of the messages, each through a connection of its own. The first is warm-up."""


class Fuzzed(msgspec.Struct, frozen=True):
    """What came of it."""

    fuzzed_messages: int
    """That a worker read: those it answered one by one, and those it counted as received."""
    fuzzed_pictures: int
    """That were decoded, or refused with a reason."""
    fuzz_crashes: int
    """Processes that ended before their last input."""
    fuzz_untyped: int
    """Calls and requests without an answer that tells their sender anything."""
    fuzz_grown_mb: float
    """Memory after the last input, above that after the warm-up: the worker's or a decoder's,
    whichever grew more."""


async def fuzz(folder: Path, models: Path, *, inputs: int) -> Fuzzed:
    """Send so many damaged messages to a worker, and decode as many damaged pictures.

    Raises:
        Unavailable: the worker did not get ready.
    """
    messages = await fuzz_messages(folder, models, inputs=inputs)
    pictures = await asyncio.to_thread(fuzz_pictures, folder / "note", inputs=inputs)
    return Fuzzed(
        fuzzed_messages=messages.fuzzed_messages,
        fuzzed_pictures=pictures.fuzzed_pictures,
        fuzz_crashes=messages.fuzz_crashes + pictures.fuzz_crashes,
        fuzz_untyped=messages.fuzz_untyped,
        fuzz_grown_mb=max(messages.fuzz_grown_mb, pictures.fuzz_grown_mb),
    )


async def fuzz_messages(folder: Path, models: Path, *, inputs: int) -> Fuzzed:
    """Send damaged messages to one worker.

    Raises:
        Unavailable: the worker did not get ready.
    """
    dice, bombed = random.Random(SEED), Bombed()  # noqa: S311  a draw, no secret
    async with worker_in(folder / "fuzzed", models, program=SUMMING) as worker:
        held_mb, received = [worker.memory_mb()], 0
        for _ in range(PARTS):
            async with worker.channel() as channel:
                bombed += await bombard(channel, dice, -(-inputs // PARTS))
            if worker.process.returncode is not None:
                break
            held_mb.append(worker.memory_mb())
            received = await _received(worker)
        return Fuzzed(
            fuzzed_messages=bombed.answered + received,
            fuzzed_pictures=0,
            fuzz_crashes=int(worker.process.returncode is not None),
            fuzz_untyped=bombed.untyped,
            fuzz_grown_mb=round(held_mb[-1] - held_mb[min(1, len(held_mb) - 1)], 1),
        )


def fuzz_pictures(note: Path, *, inputs: int) -> Fuzzed:
    """Decode damaged pictures, a few thousand in a process."""
    crashes, decoded, grown_mb = 0, 0, 0.0
    for first in range(0, inputs, IN_ONE_CHILD):
        some = min(IN_ONE_CHILD, inputs - first)
        report = decode_in_a_child(SEED, first, some, note)
        if isinstance(report, Died):
            crashes += 1
            continue
        decoded += report.inputs
        grown_mb = max(grown_mb, report.left_mb)
    return Fuzzed(
        fuzzed_messages=0,
        fuzzed_pictures=decoded,
        fuzz_crashes=crashes,
        fuzz_untyped=0,
        fuzz_grown_mb=round(grown_mb, 1),
    )


async def _received(worker: Worker) -> int:
    """Return how many messages of sessions the worker has counted."""
    return round(sum([await worker.metric(series) for series in COUNTED.values()]))

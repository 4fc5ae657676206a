"""Are blinks found, and nothing else called one? A puppet that blinks by script, at 10 frames/s.

A blink closes for a tenth to three tenths of a second, with lids on their way before and after, so
that a frame meets each of them. Between blinks the head turns, looks down a little and comes back,
which narrows the lids without closing them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import msgspec
import numpy as np

from benchmarks.closed_loop.views import PLAIN, draw, jpeg, taken
from demo.puppet.lids import with_shut_lids
from demo.puppet.portrait import U8, Portrait
from demo.puppet.poses import Pose
from inference.attention.judge import Memory, judge
from inference.perception.pipeline import Look, Pipeline, Seen

FPS = 10
SETTLE_S = 25.0
"""Open eyes first: the person's usual opening is learned from them."""
CLOSING_S = 0.08
"""The lids' way down, and up again."""
CLOSED_S = (0.10, 0.30)
BETWEEN_S = (1.5, 5.0)
HEADS = ((0, 0), (-8, 1), (8, 0), (3, -8), (-4, -6), (0, 4), (12, -3), (-12, 2))
"""Yaw and pitch, degrees."""
HEAD_S = 4.0
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
TOLERANCE_S = 0.25
"""A found blink may be so far from the true one's middle."""


@dataclass(frozen=True, slots=True)
class Blink:
    """One true blink, seconds: when the lids begin to fall, and when they are up again."""

    from_s: float
    to_s: float

    @property
    def middle_s(self) -> float:
        """When the lids are shut."""
        return (self.from_s + self.to_s) / 2

    def closed(self, at_s: float) -> float:
        """How far the lids are closed, 0..1."""
        way = min(at_s - self.from_s, self.to_s - at_s) / CLOSING_S
        return float(np.clip(way, 0, 1))


class Blinks(msgspec.Struct, frozen=True):
    """How well blinks are found."""

    true: int
    found: int
    right: int
    """Found ones that are true, each true one once."""

    @property
    def recall(self) -> float:
        """Share of the true ones that are found."""
        return round(self.right / max(self.true, 1), 4)

    @property
    def precision(self) -> float:
        """Share of the found ones that are true."""
        return round(self.right / max(self.found, 1), 4)


def script(seconds: float, *, seed: int) -> list[Blink]:
    """Blinks after `SETTLE_S`, at random distances."""
    chance = Random(seed)  # noqa: S311 - a draw, no secret
    blinks: list[Blink] = []
    at_s = SETTLE_S
    while True:
        at_s += chance.uniform(*BETWEEN_S)
        to_s = at_s + 2 * CLOSING_S + chance.uniform(*CLOSED_S)
        if to_s > seconds:
            return blinks
        blinks.append(Blink(at_s, to_s))
        at_s = to_s


def frames(
    portrait: Portrait, blinks: Sequence[Blink], seconds: float, *, seed: int
) -> Iterator[tuple[float, bytes]]:
    """The sitting frame by frame: when, and the JPEG."""
    noise = np.random.default_rng(seed)
    shut = with_shut_lids(portrait)

    @cache
    def drawn(head: tuple[int, int], closed: float) -> U8:
        face = shut if closed >= 1 else portrait
        return draw(face, Pose(yaw_deg=head[0], pitch_deg=head[1], closed=closed), PLAIN)

    for number in range(int(seconds * FPS)):
        at_s = number / FPS
        closed = max((blink.closed(at_s) for blink in blinks), default=0.0)
        level = min(LEVELS, key=lambda each: abs(each - closed))
        head = HEADS[int(at_s / HEAD_S) % len(HEADS)]
        yield at_s, jpeg(taken(drawn(head, level), PLAIN, noise))


def compare(true: Sequence[Blink], found_s: Sequence[float]) -> Blinks:
    """Match found moments to true blinks, each at most once."""
    free = list(found_s)
    right = 0
    for blink in true:
        reach_s = TOLERANCE_S + (blink.to_s - blink.from_s) / 2
        near = [at for at in free if abs(at - blink.middle_s) <= reach_s]
        if near:
            right += 1
            free.remove(min(near, key=lambda at: abs(at - blink.middle_s)))
    return Blinks(len(true), len(found_s), right)


def found(pipeline: Pipeline, sitting: Iterable[tuple[float, bytes]]) -> list[float]:
    """Watch a sitting as a stream does; return when each blink was noticed, seconds."""
    memory, track = Memory.new(), None
    moments: list[float] = []
    bucket, counted = 0, 0
    for at_s, image in sitting:
        answer = pipeline.observe([Look(image, track)])[0]
        if not isinstance(answer, Seen):
            continue
        track = answer.track
        memory, _ = judge(memory, answer.observation, at_s)
        if memory.eyelids.buckets:
            newest = memory.eyelids.buckets[-1]
            before = counted if newest.number == bucket else 0
            moments += [at_s] * (newest.blinks - before)
            bucket, counted = newest.number, newest.blinks
    return moments

"""Which frame is captured when, and when does it leave? Fixed before the first one is sent.

Pure. Every stream captures with the same period from a random phase; the way to the server takes
20 ms and an exponential rest. Nothing that a server does changes the schedule, so a slow server
cannot make its own load smaller (coordinated omission).
"""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

SHORTEST_WAY_S = 0.020
MEAN_REST_S = 0.015
LONGEST_REST_S = 0.200


class Scenario(msgspec.Struct, frozen=True):
    """What is sent. The same scenario is the same schedule, on every machine."""

    seconds: float
    """Length of what is measured."""
    warm_up_s: float
    """Sent before that, and not measured."""
    seed: int
    fps: float = 5.0
    """Frames a second of each stream."""
    streams: int = 1
    limit_s: float = 0.2
    """An answer is in time when it comes this long after the capture at most."""

    @property
    def end_s(self) -> float:
        """Where the measured part ends, seconds after the start."""
        return self.warm_up_s + self.seconds

    @property
    def offered_per_s(self) -> float:
        """Frames a second of all streams."""
        return self.streams * self.fps


class Due(NamedTuple):
    """One frame."""

    leaves_s: float
    """When it is sent, seconds after the start."""
    stream: int
    sequence: int
    """From 1 in its stream."""
    captured_s: float
    """When it is captured, seconds after the start."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which of the streams one process sends: every `of`-th, beginning with `first`."""

    first: int = 0
    of: int = 1


def frames_per_stream(scenario: Scenario) -> int:
    """Return how many frames each stream captures; a few come after the measured part."""
    return int((scenario.end_s + 2 * scenario.limit_s) * scenario.fps) + 1


def captures(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Return when frames are captured and when they leave.

    Returns:
        Two arrays (streams, frames per stream), seconds after the start. In each row both rise: a
        connection keeps its order.
    """
    chance = np.random.default_rng(scenario.seed)
    frames = frames_per_stream(scenario)
    phase = chance.random((scenario.streams, 1)) / scenario.fps
    captured = phase + np.arange(frames)[None, :] / scenario.fps
    rest = np.minimum(chance.exponential(MEAN_REST_S, captured.shape), LONGEST_REST_S)
    leaves = np.maximum.accumulate(captured + SHORTEST_WAY_S + rest, axis=1)
    return captured, leaves


def due_frames(scenario: Scenario, share: Share) -> list[Due]:
    """Return one process's frames in the order in which they leave."""
    captured, leaves = captures(scenario)
    frames = [
        Due(float(leaves[stream, k]), stream, k + 1, float(captured[stream, k]))
        for stream in range(share.first, scenario.streams, share.of)
        for k in range(captured.shape[1])
    ]
    return sorted(frames)

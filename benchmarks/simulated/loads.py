"""Which frames arrive when? Periodic streams with random phases over a network that delays."""

import math
import random
from dataclasses import dataclass

from benchmarks.load.schedule import LONGEST_REST_S, MEAN_REST_S, SHORTEST_WAY_S
from benchmarks.servers.inside.sleep_model import run_s
from inference.scheduling.simulate import Arrival, Taken

LARGEST = 64
COARSE = (1, 2, 4, 8, 16, 32, 64)
SLOWER_S = 0.150
HOG = 6


@dataclass(frozen=True, slots=True)
class Load:
    """Streams of one tenant each way."""

    streams: int
    fps: float = 5.0
    limit_s: float = 0.2
    """Oldest age at an answer that is in time."""
    hogs: int = 0
    """Streams that send six times as often; the first ones."""
    slow_share: float = 0.0
    """Of the streams, those behind a network that is 150 ms slower; the first ones."""
    noise: float = 0.0
    """Standard deviation of the logarithm of run times."""

    @classmethod
    def of(cls, share: float, **settings: float) -> "Load":
        """Return as many streams as need that share of the device's capacity."""
        load = cls(0, **settings)  # type: ignore[arg-type]  # counts are whole
        return cls(round(share * capacity() / load.fps), **settings)  # type: ignore[arg-type]


def capacity() -> float:
    """Return the frames a second that the device carries at best."""
    return LARGEST / frame_times(LARGEST)


def frame_times(frames: int) -> float:
    """Return how long the sleep model sleeps."""
    return run_s(frames, 1.0)


def arrivals(load: Load, *, seconds: float, seed: int) -> list[Arrival]:
    """Return all frames of a load, by arrival."""
    rng = random.Random(seed)  # noqa: S311  # a repeatable load, no secret
    frames: list[Arrival] = []
    for stream in range(load.streams):
        fps = load.fps * (HOG if stream < load.hogs else 1)
        extra_s = SLOWER_S if stream < load.slow_share * load.streams else 0.0
        phase_s = rng.random() / fps
        for number in range(math.ceil((seconds - phase_s) * fps)):
            captured_s = phase_s + number / fps
            rest_s = min(rng.expovariate(1 / MEAN_REST_S), LONGEST_REST_S)
            arrived_s = captured_s + SHORTEST_WAY_S + extra_s + rest_s
            frames.append(Arrival(arrived_s, captured_s, stream, captured_s + load.limit_s))
    return sorted(frames, key=lambda frame: frame.at_s)


class Sleeper:
    """The device: sleeps as long as the model says, more or less."""

    def __init__(self, *, noise: float, is_padded: bool, seed: int) -> None:
        self._noise = noise
        self._is_padded = is_padded
        self._rng = random.Random(seed)  # noqa: S311  # repeatable noise, no secret

    def __call__(self, taken: Taken) -> float:
        """Return how long this run takes."""
        is_whole = self._is_padded or not taken.batch
        usual_s = frame_times(taken.bucket if is_whole else len(taken.batch))
        return usual_s * math.exp(self._rng.gauss(0, self._noise)) if self._noise else usual_s

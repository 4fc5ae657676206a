"""Which ways of waiting are compared? Ours, and other servers' shapes, each by a name."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.simulated.figures import Figures, figures
from benchmarks.simulated.loads import COARSE, LARGEST, Load, Sleeper, arrivals
from benchmarks.simulated.rivals import EarlyBinding, Fifo, Shrinking
from inference.scheduling.plan import Policy
from inference.scheduling.simulate import Ours, Queue, Taken, simulate, warm

NEVER = float("inf")
EVERY_SIZE = tuple(range(1, LARGEST + 1))

Device = Callable[[Taken], float]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way of waiting."""

    name: str
    make: Callable[[Device], Queue]


def ours(
    name: str, *, buckets: tuple[int, ...], max_wait_s: float = 0.0, rescue_s: float = 0.8
) -> Contender:
    """Return our plan, which starts with the table of a warmed-up worker."""
    policy = Policy(max_wait_s=max_wait_s, rescue_s=rescue_s)
    return Contender(name, lambda device: Ours(warm(buckets, device), policy=policy))


QUEUES = (
    Contender("FIFO + 10 ms delay", lambda _: Fifo()),
    Contender("FIFO, timeout 200 ms = limit", lambda _: Fifo(timeout_s=0.2)),
    Contender("FIFO, timeout by hand 110 ms", lambda _: Fifo(timeout_s=0.11)),
    Contender("FIFO, timeout by hand 60 ms", lambda _: Fifo(timeout_s=0.06)),
    Contender("refuse newest above 256", lambda _: Fifo(most_waiting=256)),
    Contender("cancel head predicted late", lambda _: Fifo(limit_s=0.2)),
    Contender("early binding, 10 ms", lambda _: EarlyBinding()),
    ours("Rapt", buckets=EVERY_SIZE),
    ours("Rapt + deferral 8 ms", buckets=EVERY_SIZE, max_wait_s=0.008),
    ours("Rapt + deferral 40 ms", buckets=EVERY_SIZE, max_wait_s=0.040),
)
"""No padding: a run costs what its frames cost."""

RULES = (
    Contender("pad up, shrink to the oldest deadline", lambda _: Shrinking(COARSE)),
    ours("most frames per device-second", buckets=COARSE, rescue_s=NEVER),
    ours("Rapt: and rescue after 0.8 s", buckets=COARSE),
)
"""A run costs what its bucket costs."""


def race(
    contender: Contender, load: Load, *, seconds: float, seed: int, is_padded: bool
) -> Figures:
    """Let one way of waiting serve a load."""
    frames = arrivals(load, seconds=seconds, seed=seed)
    device = Sleeper(noise=load.noise, is_padded=is_padded, seed=seed + 1)
    course = simulate(frames, contender.make(device), device)
    return figures(frames, course, load, seconds=seconds)

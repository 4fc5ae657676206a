"""May another stream be opened, and how often may it send?

Pure. Demand is device-seconds per second: frames a second of every open stream times device-seconds
per frame in the best bucket. It stays below `MAX_BUSY`, so that the plan has room for bursts.
"""

from dataclasses import dataclass

MAX_BUSY = 0.85
FPS_MILLI = (2000, 1000)  # offered in this order: two frames a second, one when it is tight


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to an opening."""

    fps_milli: int
    """0 = refused."""
    busy: float
    """Device-seconds per second with this stream."""


def admit(*, open_fps_milli: int, frame_s: float) -> Admission:
    """Offer the highest rate that fits.

    Args:
        open_fps_milli: sum of what the open streams were offered.
        frame_s: device seconds per frame.
    """
    busy = 0.0
    for fps_milli in FPS_MILLI:
        busy = (open_fps_milli + fps_milli) / 1000 * frame_s
        if busy <= MAX_BUSY:
            return Admission(fps_milli, busy)
    return Admission(0, busy)

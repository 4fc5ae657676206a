"""May another stream be opened, and how often may everyone send?

Pure. Demand is device-seconds per second: frames a second of all streams times device-seconds per
frame in the best bucket. It stays below `MAX_BUSY`, so that the plan has room for bursts. Everyone
gets the same rate, so the one who comes late is measured like the others; the rate falls before
anyone is refused.
"""

from dataclasses import dataclass

MAX_BUSY = 0.85
FPS_MILLI = (2000, 1000, 500)  # below one frame in two seconds a state could not be followed


@dataclass(frozen=True, slots=True)
class Share:
    """What a number of streams get."""

    fps_milli: int
    """Frames per thousand seconds for each of them."""
    busy: float
    """Device-seconds per second at that rate."""

    @property
    def fits(self) -> bool:
        """Whether the device can bear it."""
        return self.busy <= MAX_BUSY


def share(streams: int, *, frame_s: float) -> Share:
    """Give every stream the highest rate at which all fit, or else the lowest.

    Args:
        streams: open ones, and the one that asks.
        frame_s: device seconds per frame.
    """
    shares = [Share(fps, streams * fps / 1000 * frame_s) for fps in FPS_MILLI]
    return next((share for share in shares if share.fits), shares[-1])

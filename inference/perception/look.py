"""What goes into the pipeline and what comes out: looks and what they showed.

A look is one frame of one stream, with what the stream knows from its last one.
"""

import time
from dataclasses import dataclass, field

from inference.perception.decode import Picture, Unreadability, Unreadable
from inference.perception.observation import Observation
from inference.perception.track import Followed, Track

__all__ = ["Face", "Look", "Seen", "Track", "Unreadability", "Unreadable", "Wants"]


@dataclass(frozen=True, slots=True)
class Wants:
    """Which optional work a frame gets; the ladder takes from it when the device is full."""

    expression: bool = False
    """Measure expressions, if the networks are there."""
    room: bool = False
    """The camera shows a room: follow everyone, with the detector of small faces."""
    redetect_s: float = 2.0
    """Seconds after which a picture with a live track is searched for other faces again."""
    is_small: bool = False
    """Make do with a picture 224 pixels wide."""
    reuse: bool = False
    """Use the last measurements again for a picture that is nearly the same (see `reuse`)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One frame to look at, and where its stream's face was."""

    image: bytes = field(repr=False)
    """JPEG, PNG or WebP, unmirrored. Left out of every representation, so that no log holds it."""
    track: Track | None = None
    wants: Wants = Wants()
    at_s: float = field(default_factory=time.monotonic)
    """When, on the clock of this stream's other looks; decides when to search again."""

    @property
    def is_search_due(self) -> bool:
        """Whether others may have come since the last search, or nobody is followed."""
        if self.track is None:
            return True
        since_s = self.at_s - self.track.searched_at_s
        return not 0 <= since_s < self.wants.redetect_s  # a clock that jumped back is another one


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame showed."""

    observation: Observation
    track: Track | None
    """For the stream's next look; None when there is no face."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One followed face to be measured; those of its room beside it."""

    picture: Picture
    followed: Followed
    wants: Wants = Wants()

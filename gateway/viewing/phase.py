"""Where a session stands with its worker."""

from enum import Enum, auto


class Phase(Enum):
    """Where the session stands with its worker."""

    IDLE = auto()
    """Nothing was sent yet, so no call is open."""
    OPENING = auto()
    """The first call is being opened; a frame may wait for it."""
    MEASURING = auto()
    """A worker answers."""
    PAUSED = auto()
    """No worker answers; frames are shed, events wait."""
    ENDED = auto()
    """Over."""

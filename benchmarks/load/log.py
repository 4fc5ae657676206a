"""What became of every frame: one outcome and one moment each."""

import math
from enum import IntEnum

import msgspec
import numpy as np


class Outcome(IntEnum):
    """What became of a frame, seen from the one who sent it."""

    UNSENT = 0  # the sender did not get to it
    UNANSWERED = 1  # it left, and nothing came back before the end
    ANSWERED = 2
    SUPERSEDED = 3
    EXPIRED = 4
    REFUSED = 5
    REJECTED = 6
    CANCELLED = 7
    FAILED = 8  # an error that fits none of the above


class Sent(msgspec.Struct, frozen=True):
    """What one process reports. Arrays as bytes, one row per frame, stream by stream."""

    streams: list[int]
    outcomes: bytes
    """uint8, `Outcome`."""
    ended: bytes
    """float64, seconds after the start when the outcome was known; NaN = never."""
    server: bytes
    """float64, seconds from arrival to answer as the server says; NaN = it does not."""
    lag: bytes
    """float64, seconds by which the frame left late: the sender's fault."""
    cpu_s: float
    """Processor seconds of the process while it sent."""
    problems: list[str]
    """Errors that the server gave, at most a few."""


class Log:
    """Outcomes of the frames of some streams."""

    def __init__(self, streams: list[int], frames: int) -> None:
        self.streams = streams
        self._row = {stream: row for row, stream in enumerate(streams)}
        shape = (len(streams), frames)
        self.outcomes = np.full(shape, Outcome.UNSENT, np.uint8)
        self.ended = np.full(shape, np.nan)
        self.server = np.full(shape, np.nan)
        self.lag = np.zeros(shape)
        self.problems: list[str] = []

    def leave(self, stream: int, sequence: int, *, lag_s: float) -> None:
        """Note that a frame left, and how late."""
        place = self._row[stream], sequence - 1
        self.outcomes[place] = Outcome.UNANSWERED
        self.lag[place] = lag_s

    def end(
        self,
        stream: int,
        sequence: int,
        outcome: Outcome,
        at_s: float,
        *,
        server_s: float = math.nan,
    ) -> None:
        """Note what became of a frame; the first word counts."""
        place = self._row[stream], sequence - 1
        if self.outcomes[place] == Outcome.UNANSWERED:
            self.outcomes[place] = outcome
            self.ended[place] = at_s
            self.server[place] = server_s

    def complain(self, problem: str) -> None:
        """Keep the first few errors for a person to read."""
        if len(self.problems) < 5 and problem not in self.problems:  # noqa: PLR2004 - a few
            self.problems.append(problem)

    @property
    def open_frames(self) -> int:
        """Frames that left and have no outcome yet."""
        return int((self.outcomes == Outcome.UNANSWERED).sum())

    def sent(self, cpu_s: float) -> Sent:
        """Return all of it, to be carried to another process."""
        return Sent(
            streams=self.streams,
            outcomes=self.outcomes.tobytes(),
            ended=self.ended.tobytes(),
            server=self.server.tobytes(),
            lag=self.lag.tobytes(),
            cpu_s=cpu_s,
            problems=self.problems,
        )


def joined(parts: list[Sent], frames: int) -> Log:
    """Put the reports of all processes together, ordered by stream."""
    log = Log(sorted(stream for part in parts for stream in part.streams), frames)
    for part in parts:
        rows = [log._row[stream] for stream in part.streams]  # noqa: SLF001 - our own class
        shape = (len(rows), frames)
        log.outcomes[rows] = np.frombuffer(part.outcomes, np.uint8).reshape(shape)
        log.ended[rows] = np.frombuffer(part.ended, np.float64).reshape(shape)
        log.server[rows] = np.frombuffer(part.server, np.float64).reshape(shape)
        log.lag[rows] = np.frombuffer(part.lag, np.float64).reshape(shape)
        for problem in part.problems:
            log.complain(problem)
    return log

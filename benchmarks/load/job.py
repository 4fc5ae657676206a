"""What one sending process is told: where to send which frames, and how to speak."""

from enum import StrEnum

import msgspec

from benchmarks.load.schedule import SHORTEST_WAY_S, Scenario, Share
from benchmarks.servers.inside.sleep_model import MODEL

BACK_S = 0.035  # kept for the way back, and for what the senders on the same cores add to it


class Speech(StrEnum):
    """How a server is spoken to."""

    OBSERVE = "observe"  # Rapt's own call, one per stream
    OIP_STREAM = "oip_stream"  # Triton's ModelStreamInfer, one per stream
    OIP_UNARY = "oip_unary"  # Open Inference Protocol, one call per frame
    HTTP = "http"  # a POST with the picture as its body


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A server."""

    speech: Speech
    address: str
    """Host and port."""
    path: str = "/"
    """Of a POST; "{stream}" in it becomes the number of the stream."""
    is_json: bool = False
    """Whether a POST carries the picture as base64 in JSON instead of as its body."""
    model: str = MODEL
    """Name of the model, in OIP; its input takes bytes in the shape (1, frame bytes)."""
    timeout_us: int = 0
    """What each request of the OIP says of how long its answer is good; 0 = nothing."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """The work of one process."""

    target: Target
    scenario: Scenario
    first: int
    of: int
    """Which of the streams: every `of`-th, beginning with `first`."""
    picture: bytes
    wait_s: float
    """How long late answers are waited for after the last frame left."""

    @property
    def share(self) -> Share:
        """Which of the streams."""
        return Share(self.first, self.of)

    @property
    def budget_s(self) -> float:
        """How long an answer may take from arrival on: the limit less both ways."""
        return self.scenario.limit_s - SHORTEST_WAY_S - BACK_S

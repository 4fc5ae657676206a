"""What is a model to a client? A name, tensors, and someone who answers requests.

The service knows nothing else of a model, so whatever keeps to `ServedModel` can be served: the
face pipeline, a bare network, a model of a benchmark.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rapt.errors import RaptError
from rapt.oip import inference_pb2 as pb

from inference.grants import Grant
from inference.oip.parameters import Parameters
from inference.oip.statistics import Statistics
from inference.oip.tensors import TensorSpec

VERSION = "1"
"""Of every model. Benchmarks read it as a number."""

MAX_REQUEST_BYTES = 16 * 1024 * 1024
"""Of one message; far above a frame, so that a large one is answered, not cut."""

Outcome = pb.ModelInferResponse | RaptError
Reply = Callable[[Outcome], None]
"""Takes the one outcome of a request; called in the event loop."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """How a model looks from outside."""

    name: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    max_rows: int
    """Most rows in one request."""
    buckets: tuple[int, ...]
    """Sizes of a run, ascending."""
    platform: str
    """What runs it."""
    max_sequences: int = 0
    """Sequences at the same time; 0 = each request stands alone."""
    max_idle_s: float = 0.0
    """After which a sequence is forgotten."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and who sent it when."""

    request: pb.ModelInferRequest
    parameters: Parameters
    grant: Grant
    arrived_s: float

    @property
    def tenant_id(self) -> int:
        """Whose request it is; 0 = a gateway's."""
        return self.grant.tenant_id or 0


class Asking(Protocol):
    """A request that is under way."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""

    def cancel(self) -> None:
        """Take it back: nobody waits for the reply any more."""


class ServedModel(Protocol):
    """Someone who answers requests."""

    @property
    def card(self) -> ModelCard:
        """How the model looks from outside."""

    @property
    def statistics(self) -> Statistics:
        """What it has served."""

    def ask(self, asked: Asked, reply: Reply) -> Asking:
        """Begin to answer; `reply` is called exactly once, unless the request is cancelled.

        Raises:
            RaptError: the request is not taken; `reply` is then not called.
        """

    def load(self, now_s: float) -> float:
        """Return the device-seconds that a second of its requests needs, beside the streams."""

    async def run(self) -> None:
        """Serve until cancelled."""

"""What is answered to each call of the Open Inference Protocol, for any mapping of names to models.

Everything but inference is answered at once from what is known. Inference begins with the model
and ends with its reply. What waits is bounded by the waiting room; beyond it requests are refused.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version

from rapt.errors import NotFound, Overloaded, RaptError, Rejected, TooLate, Unavailable
from rapt.oip import inference_pb2 as pb

from inference.grants import Grant
from inference.metrics import Metrics
from inference.oip.description import config_of, index_of, metadata_of, statistics_of
from inference.oip.models import VERSION, Asked, Asking, Outcome, Reply, ServedModel
from inference.oip.parameters import read_parameters
from inference.oip.waiting import WaitingRoom

EXTENSIONS = (
    "binary_tensor_data",  # of the HTTP half, which asks here
    "model_configuration",
    "model_repository",
    "schedule_policy",
    "sequence",
    "statistics",
)
OUTCOMES: dict[type[RaptError], str] = {
    Rejected: "rejected",
    Overloaded: "refused",
    TooLate: "late",
    RaptError: "failed",
}
UNKNOWN = "unknown"
"""Stands for every model that is not there: names that callers make up are no labels."""


class OpenInference:
    """Answers for all models."""

    def __init__(
        self, models: Mapping[str, ServedModel], *, max_waiting: int, metrics: Metrics
    ) -> None:
        self.is_ready = False
        """Whether requests are welcome; the server says so."""
        self._models = dict(models)
        self._room = WaitingRoom(most=max_waiting)
        metrics.model_requests_waiting.set_function(lambda: self._room.requests)
        self._counters = {
            (name, outcome): metrics.model_requests.labels(name, outcome)
            for name in (*self._models, UNKNOWN)
            for outcome in ("answered", "cancelled", *OUTCOMES.values())
        }
        self._version = version("rapt")

    def server_live(self, _: pb.ServerLiveRequest) -> pb.ServerLiveResponse:
        """Say that the process answers."""
        return pb.ServerLiveResponse(live=True)

    def server_ready(self, _: pb.ServerReadyRequest) -> pb.ServerReadyResponse:
        """Say whether requests are welcome."""
        return pb.ServerReadyResponse(ready=self.is_ready)

    def model_ready(self, request: pb.ModelReadyRequest) -> pb.ModelReadyResponse:
        """Say whether requests to one model are welcome."""
        is_there = request.name in self._models and request.version in {"", VERSION}
        return pb.ModelReadyResponse(ready=self.is_ready and is_there)

    def server_metadata(self, _: pb.ServerMetadataRequest) -> pb.ServerMetadataResponse:
        """Say who answers and what it can."""
        return pb.ServerMetadataResponse(name="rapt", version=self._version, extensions=EXTENSIONS)

    def model_metadata(self, request: pb.ModelMetadataRequest) -> pb.ModelMetadataResponse:
        """Return the tensors of one model."""
        return metadata_of(self._model(request.name, request.version).card)

    def model_config(self, request: pb.ModelConfigRequest) -> pb.ModelConfigResponse:
        """Return how one model is served."""
        card = self._model(request.name, request.version).card
        return pb.ModelConfigResponse(config=config_of(card))

    def model_statistics(self, request: pb.ModelStatisticsRequest) -> pb.ModelStatisticsResponse:
        """Return what one model, or each, has served."""
        names = [request.name] if request.name else sorted(self._models)
        models = [self._model(name, request.version) for name in names]
        return pb.ModelStatisticsResponse(model_stats=[statistics_of(model) for model in models])

    def repository_index(self, request: pb.RepositoryIndexRequest) -> pb.RepositoryIndexResponse:
        """Return all models; with `ready` only those that are."""
        models = [] if request.ready and not self.is_ready else self._models.values()
        return index_of(models, is_ready=self.is_ready)

    async def infer(self, request: pb.ModelInferRequest, grant: Grant) -> pb.ModelInferResponse:
        """Answer one request.

        Raises:
            RaptError: why there is no answer.
        """
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        asking = self.begin(request, grant, partial(_settle, done))
        try:
            outcome = await done
        except asyncio.CancelledError:  # the client left
            asking.cancel()
            raise
        if isinstance(outcome, RaptError):
            raise outcome
        return outcome

    def begin(self, request: pb.ModelInferRequest, grant: Grant, reply: Reply) -> Asking:
        """Begin to answer one request; it has left the waiting room when its reply comes.

        Raises:
            RaptError: it is not taken; `reply` is not called then.
        """
        try:
            return self._begin(request, grant, reply)
        except RaptError as error:
            self._count(request.model_name, outcome_of(error))
            raise

    def _begin(self, request: pb.ModelInferRequest, grant: Grant, reply: Reply) -> Asking:
        if not self.is_ready:
            raise Unavailable("this worker is not ready, or is stopping; try another one")
        model = self._model(request.model_name, request.model_version)
        size_bytes = request.ByteSize()
        asked = Asked(request, read_parameters(request), grant, time.monotonic())
        self._room.enter(grant, size_bytes)

        count = partial(self._count, request.model_name)
        ticket = _Ticket(partial(self._room.leave, size_bytes), count, reply)
        try:
            ticket.asking = model.ask(asked, ticket.take)
        except BaseException:
            ticket.leave()
            raise
        return ticket

    def _count(self, name: str, outcome: str) -> None:
        self._counters[name if name in self._models else UNKNOWN, outcome].inc()

    def _model(self, name: str, wanted: str) -> ServedModel:
        model = self._models.get(name)
        if model is None:
            known = ", ".join(sorted(self._models))
            raise NotFound(f"there is no model {name[:64]!r}; there are {known}")
        if wanted not in {"", VERSION}:
            raise NotFound(f"{name} has no version {wanted[:16]!r}; there is {VERSION}")
        return model


class _Ticket:
    """A request's place in the waiting room; it is left once, whatever becomes of the request."""

    __slots__ = ("_count", "_has_left", "_leave", "_reply", "asking")

    def __init__(
        self, leave: Callable[[], None], count: Callable[[str], None], reply: Reply
    ) -> None:
        self.asking: Asking | None = None
        self._leave = leave
        self._count = count
        self._reply = reply
        self._has_left = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._has_left

    def take(self, outcome: Outcome) -> None:
        """Pass the reply on."""
        self.leave()
        self._count(outcome_of(outcome) if isinstance(outcome, RaptError) else "answered")
        self._reply(outcome)

    def cancel(self) -> None:
        """Take the request back."""
        asking = None if self._has_left else self.asking
        self.leave()
        if asking is not None:
            self._count("cancelled")
            asking.cancel()

    def leave(self) -> None:
        """Give the place back."""
        if not self._has_left:
            self._has_left, self.asking = True, None
            self._leave()


def outcome_of(error: RaptError) -> str:
    """Name what became of a request, in a word of a closed set."""
    return next(word for kind, word in OUTCOMES.items() if isinstance(error, kind))


def _settle(done: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not done.done():  # its client may have left in this very moment
        done.set_result(outcome)

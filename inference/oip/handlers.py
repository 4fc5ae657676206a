"""The calls of the Open Inference Protocol as gRPC knows them: names, bytes, tokens, statuses.

Calls of `OPEN` are answered to anyone, like a health check; all others need a token where one is
set. What is no message is answered by a sentence.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
import structlog
from google.protobuf.message import Message
from rapt.errors import Fault, InvalidMessage, RaptError
from rapt.oip import inference_pb2 as pb

from inference.ending import end_call
from inference.grants import Grants
from inference.oip.models import Asking, Reply
from inference.oip.service import OpenInference
from inference.oip.streaming import Received, ReplyStream
from inference.wire.reading import reader, write

SERVICE = pb.DESCRIPTOR.services_by_name["GRPCInferenceService"].full_name
OPEN = frozenset({"ServerLive", "ServerReady"})
GRPC_ERRORS = "triton_grpc_error"

Context = grpc.aio.ServicerContext[Any, Any]  # the same for every call
Answer = Callable[[Any], Message]  # each call has its own kind of message

MessageT = TypeVar("MessageT", bound=Message)
ValueT = TypeVar("ValueT")

log = structlog.get_logger()


def handler_of(service: OpenInference, grants: Grants) -> grpc.GenericRpcHandler:
    """Return what a gRPC server needs to answer the calls."""
    answers: dict[str, tuple[Answer, type[Message]]] = {
        "ServerLive": (service.server_live, pb.ServerLiveRequest),
        "ServerReady": (service.server_ready, pb.ServerReadyRequest),
        "ModelReady": (service.model_ready, pb.ModelReadyRequest),
        "ServerMetadata": (service.server_metadata, pb.ServerMetadataRequest),
        "ModelMetadata": (service.model_metadata, pb.ModelMetadataRequest),
        "ModelConfig": (service.model_config, pb.ModelConfigRequest),
        "ModelStatistics": (service.model_statistics, pb.ModelStatisticsRequest),
        "RepositoryIndex": (service.repository_index, pb.RepositoryIndexRequest),
    }
    calls: dict[str, Any] = {  # grpc's own type of handlers is generic in ways it does not export
        name: grpc.unary_unary_rpc_method_handler(
            _answering(answer, None if name in OPEN else grants), reader(kind), write
        )
        for name, (answer, kind) in answers.items()
    }
    read = reader(pb.ModelInferRequest)
    calls["ModelInfer"] = grpc.unary_unary_rpc_method_handler(
        _inferring(service, grants), read, write
    )
    calls["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(
        _streaming(service, grants), read, write
    )
    return grpc.method_handlers_generic_handler(SERVICE, calls)


def _answering(answer: Answer, grants: Grants | None) -> Callable[..., Awaitable[Message | None]]:
    """Answer a call from what is known."""

    async def known(request: Message | InvalidMessage, context: Context) -> Message:
        if grants is not None:
            grants.of(context.invocation_metadata())
        return answer(_message(request))

    async def call(request: Message | InvalidMessage, context: Context) -> Message | None:
        return await _ended(context, known(request, context))

    return call


def _inferring(
    service: OpenInference, grants: Grants
) -> Callable[..., Awaitable[pb.ModelInferResponse | None]]:
    """Answer one request."""

    async def infer(request: Received, context: Context) -> pb.ModelInferResponse:
        grant = grants.of(context.invocation_metadata())
        return await service.infer(_message(request), grant)

    async def call(request: Received, context: Context) -> pb.ModelInferResponse | None:
        return await _ended(context, infer(request, context))

    return call


def _streaming(service: OpenInference, grants: Grants) -> Callable[..., Awaitable[None]]:
    """Answer the requests of one stream."""

    async def stream(requests: AsyncIterator[Received], context: Context) -> None:
        metadata = list(context.invocation_metadata() or ())
        grant = grants.of(metadata)

        def begin(request: Received, reply: Reply) -> Asking:
            return service.begin(_message(request), grant, reply)

        wants_status = any(key == GRPC_ERRORS and value == "true" for key, value in metadata)
        await ReplyStream(begin, ends_with_status=wants_status).run(requests, context.write)

    async def call(requests: AsyncIterator[Received], context: Context) -> None:
        await _ended(context, stream(requests, context))

    return call


async def _ended(context: Context, work: Awaitable[ValueT]) -> ValueT | None:
    """Wait for the answer; an error becomes the call's status, and there is none."""
    try:
        return await work
    except RaptError as error:
        await end_call(context, error)
    except Exception:  # the edge: what nobody expected is our fault, and ends this call alone
        log.exception("oip_call_failed")
        await end_call(context, Fault("our fault; ask again"))
    return None


def _message(request: MessageT | InvalidMessage) -> MessageT:
    """Return the message; what was none is the caller's error.

    Raises:
        InvalidMessage: it could not be parsed.
    """
    if isinstance(request, InvalidMessage):
        raise InvalidMessage(str(request))  # itself it would hold this frame, and the frame it
    return request

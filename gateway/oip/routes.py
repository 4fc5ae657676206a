"""`/v2`: what clients of the Open Inference Protocol ask over HTTP, translated for the workers.

Health is told to anyone; everything else needs a token. A body is read only after that.
"""

from hashlib import blake2b
from http import HTTPStatus
from typing import Any

import grpc
from google.protobuf.message import Message
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, InternalServerException
from rapt.errors import InvalidMessage, RaptError, Unavailable
from rapt.oip import inference_pb2 as pb

from gateway.oip.calls import ModelCalls
from gateway.oip.compression import expanded
from gateway.oip.keys import Keys
from gateway.oip.plain import plain
from gateway.oip.refusals import (
    AWAY,
    AnyRequest,
    refuse,
    refuse_fault,
    refuse_http_error,
    refuse_rapt_error,
    refuse_worker_error,
)
from gateway.oip.replies import BINARY, JSON, answer_of
from gateway.oip.requests import MAX_BODY_BYTES, read_request

LENGTH = "inference-header-content-length"

Json = Response[Any]  # of any shape that the protocol names


@get("/health/live")
async def tell_live() -> Json:
    """Say that the gateway answers."""
    return Response({"live": True})


@get("/health/ready")
async def tell_ready(models: NamedDependency[ModelCalls]) -> Json:
    """Say whether a worker takes requests."""
    try:
        reply = await models.ask("ServerReady", pb.ServerReadyRequest())
    except (Unavailable, grpc.aio.AioRpcError):
        return refuse(HTTPStatus.SERVICE_UNAVAILABLE, AWAY)
    return _readiness(is_ready=reply.ready)


@get("/")
async def tell_server(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Tell who answers and what it can."""
    return await _told(request, models, keys, "ServerMetadata", pb.ServerMetadataRequest())


@get(["/models/{name:str}", "/models/{name:str}/versions/{version:str}"])
async def tell_model(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Tell the tensors of a model."""
    question = pb.ModelMetadataRequest(**_named(request))
    return await _told(request, models, keys, "ModelMetadata", question)


@get(["/models/{name:str}/ready", "/models/{name:str}/versions/{version:str}/ready"])
async def tell_model_ready(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Say whether a model takes requests."""
    keys.check(request.headers.get("authorization"))
    reply = await models.ask("ModelReady", pb.ModelReadyRequest(**_named(request)))
    return _readiness(is_ready=reply.ready)


@get(["/models/{name:str}/config", "/models/{name:str}/versions/{version:str}/config"])
async def tell_config(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Tell how a model is served."""
    keys.check(request.headers.get("authorization"))
    reply = await models.ask("ModelConfig", pb.ModelConfigRequest(**_named(request)))
    return Response(plain(reply.config))


@get(
    [
        "/models/stats",
        "/models/{name:str}/stats",
        "/models/{name:str}/versions/{version:str}/stats",
    ]
)
async def tell_statistics(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Tell what a model, or each of them, has served on one worker."""
    question = pb.ModelStatisticsRequest(**_named(request))
    return await _told(request, models, keys, "ModelStatistics", question)


@post("/repository/index", status_code=HTTPStatus.OK)
async def tell_index(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Tell all models."""
    keys.check(request.headers.get("authorization"))
    reply = await models.ask("RepositoryIndex", pb.RepositoryIndexRequest())
    return Response(plain(reply)["models"])


@post(
    ["/models/{name:str}/infer", "/models/{name:str}/versions/{version:str}/infer"],
    status_code=HTTPStatus.OK,
    request_max_body_size=MAX_BODY_BYTES,
)
async def infer(
    request: AnyRequest, models: NamedDependency[ModelCalls], keys: NamedDependency[Keys]
) -> Json:
    """Answer one request to a model."""
    keys.check(request.headers.get("authorization"))
    named = _named(request)
    question = read_request(
        await _body(request),
        json_bytes=request.headers.get(LENGTH),
        model=named["name"],
        version=named["version"],
    )
    sequence_id = question.sequence_id
    number = _number_of(sequence_id) if sequence_id else None
    reply = await models.ask("ModelInfer", question.request, sequence=number)
    answer = answer_of(question, reply)
    if answer.json_bytes is None:
        return Response(answer.body, media_type=JSON)
    return Response(answer.body, media_type=BINARY, headers={LENGTH: str(answer.json_bytes)})


ROUTES = Router(
    "/v2",
    route_handlers=[
        tell_live,
        tell_ready,
        tell_server,
        tell_model,
        tell_model_ready,
        tell_config,
        tell_statistics,
        tell_index,
        infer,
    ],
    include_in_schema=False,  # the protocol has its own description
    exception_handlers={
        RaptError: refuse_rapt_error,
        grpc.aio.AioRpcError: refuse_worker_error,
        HTTPException: refuse_http_error,
        Exception: refuse_fault,
    },
)
"""Everything under `/v2`."""


async def _told(
    request: AnyRequest, models: ModelCalls, keys: Keys, method: str, question: Message
) -> Json:
    """Return a worker's answer as plain JSON."""
    keys.check(request.headers.get("authorization"))
    return Response(plain(await models.ask(method, question)))


async def _body(request: AnyRequest) -> bytes:
    try:
        body = await request.body()
    except InternalServerException as error:  # so it calls a client that left
        raise InvalidMessage("the connection was cut in the middle of the body") from error
    return expanded(body, request.headers.get("content-encoding", ""))


def _named(request: AnyRequest) -> dict[str, str]:
    """Return the model that the path names."""
    return {key: request.path_params.get(key, "") for key in ("name", "version")}


def _readiness(*, is_ready: bool) -> Json:
    if is_ready:
        return Response({"ready": True})
    return refuse(HTTPStatus.SERVICE_UNAVAILABLE, "not ready; there is no such model, or no worker")


def _number_of(sequence_id: int | str) -> int:
    """Return a number that stands for a sequence wherever it is asked for."""
    return int.from_bytes(blake2b(str(sequence_id).encode(), digest_size=8).digest(), "big")

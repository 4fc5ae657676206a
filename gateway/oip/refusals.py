"""How an error looks to a client of the protocol: a status and `{"error": …}`."""

import math
from http import HTTPStatus
from typing import Any

import grpc
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from rapt.errors import RaptError

STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    grpc.StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
    grpc.StatusCode.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
}
AWAY = "no worker can be reached; try again later"

log = structlog.get_logger()

AnyRequest = Request[Any, Any, Any]  # Litestar's own generics


def refuse(status: HTTPStatus, sentence: str, *, back_in_s: int = 0) -> Response[dict[str, str]]:
    """Return an error."""
    headers = {"retry-after": str(back_in_s)} if back_in_s else {}
    return Response({"error": sentence}, status_code=status, headers=headers)


def refuse_rapt_error(request: AnyRequest, error: RaptError) -> Response[dict[str, str]]:
    """Tell one of our own errors."""
    status = STATUS.get(error.code)
    return refuse(status, str(error)) if status else refuse_fault(request, error)


def refuse_worker_error(
    request: AnyRequest, error: grpc.aio.AioRpcError
) -> Response[dict[str, str]]:
    """Tell a worker's error; of one that could not be reached, only that."""
    status = STATUS.get(error.code())
    if status is None:
        return refuse_fault(request, error)
    pushback = dict(error.trailing_metadata() or ()).get("grpc-retry-pushback-ms")
    if status is HTTPStatus.SERVICE_UNAVAILABLE and pushback is None:
        return refuse(status, AWAY)
    back_in_s = math.ceil(int(pushback) / 1000) if pushback else 0
    return refuse(status, error.details() or status.phrase, back_in_s=back_in_s)


def refuse_http_error(_: AnyRequest, error: HTTPException) -> Response[dict[str, str]]:
    """Tell one of Litestar's errors: a wrong path or method, a body that is too large."""
    return refuse(HTTPStatus(error.status_code), error.detail)


def refuse_fault(_: AnyRequest, error: Exception) -> Response[dict[str, str]]:
    """Tell nothing about our insides."""
    log.error("oip_request_failed", exc_info=error)
    return refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "our fault, and it is in the log; ask again")

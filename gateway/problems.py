"""How an error looks to someone who speaks HTTP: application/problem+json (RFC 9457).

The one place where the error tree becomes status codes. `detail` says what to do.
"""

import errno
import sqlite3
import traceback
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.serialization import decode_json
from rapt.errors import (
    InvalidMessage,
    Misconfigured,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Overloaded,
    QuotaSpent,
    RaptError,
    Rejected,
    TooLate,
)

log = structlog.get_logger()

_DECODER = decode_json.__name__
MEDIA_TYPE = "application/problem+json"


class TooLarge(Rejected):
    """The body is larger than allowed."""


class UnsupportedMedia(Rejected):
    """The body is of a kind that we do not take."""


class UnreadableRange(Rejected):
    """The range lies outside the file."""


_STATUS: dict[type[RaptError], HTTPStatus] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnreadableRange: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    InvalidMessage: HTTPStatus.BAD_REQUEST,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Rejected: HTTPStatus.BAD_REQUEST,
    QuotaSpent: HTTPStatus.TOO_MANY_REQUESTS,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    TooLate: HTTPStatus.GATEWAY_TIMEOUT,
    Misconfigured: HTTPStatus.SERVICE_UNAVAILABLE,
    RaptError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, and what to do about it."""

    status: int
    """HTTP status."""
    title: str
    """What kind of problem, always the same words for the same kind."""
    detail: str = ""
    """What happened here and what to do."""
    errors: list[dict[str, Any]] = []
    """Which fields of the request do not fit."""


def documented(*kinds: type[RaptError]) -> dict[int, ResponseSpec]:
    """Describe the errors of a route for OpenAPI."""
    every: tuple[type[RaptError], ...] = (InvalidMessage, *kinds)  # any request may be unreadable
    return {
        int(_status(kind)): ResponseSpec(
            Problem,
            generate_examples=False,
            description=(kind.__doc__ or "").strip(),
            media_type=MEDIA_TYPE,
        )
        for kind in every
    }


def answer_rapt_error(request: Request[Any, Any, Any], error: RaptError) -> Response[Problem]:
    """Turn one of our errors into a problem."""
    status = _status(type(error))
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_fault(request, error)
    return _response(Problem(status=status, title=_title(type(error)), detail=str(error)))


def answer_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Turn one of Litestar's errors (wrong path, method, body) into a problem."""
    status = HTTPStatus(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_failed", exc_info=error)
    extra = error.extra if isinstance(error.extra, list) else []
    return _response(
        Problem(status=status, title=status.phrase, detail=error.detail, errors=extra),
        headers=error.headers,
    )


def answer_unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Turn what the JSON decoder lets through (too deep, no UTF-8) into a problem of the sender."""
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    if _DECODER not in frames:
        return answer_fault(request, error)
    return answer_rapt_error(request, InvalidMessage("the body is no JSON that we can read"))


def answer_fault(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Turn a full disk, or a bug, into a problem that tells nothing about our insides."""
    if _is_full_disk(error):
        log.error("disk_found_full", error=type(error).__name__)
        status = HTTPStatus.INSUFFICIENT_STORAGE
        detail = "The disk is full, so nothing of this was kept. Make room on it, then try again."
        return _response(Problem(status=status, title="Disk full", detail=detail))
    log.error("request_failed", exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "This is a fault of ours and it is in the log; trying again may help."
    return _response(Problem(status=status, title="Fault", detail=detail))


def _is_full_disk(error: BaseException | None) -> bool:
    """Look for it in the error and in what caused it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        if isinstance(error, sqlite3.Error):
            return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        error = error.__cause__ or error.__context__
    return False


def _status(kind: type[RaptError]) -> HTTPStatus:
    return next(_STATUS[parent] for parent in kind.__mro__ if parent in _STATUS)


def _title(kind: type[RaptError]) -> str:
    return (
        "".join(" " + c.lower() if c.isupper() else c for c in kind.__name__).strip().capitalize()
    )


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)

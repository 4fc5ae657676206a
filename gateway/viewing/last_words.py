"""The route for what a page still has to say when it closes and its socket is gone."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from rapt.errors import InvalidMessage, NotFound, NotPermitted, NotSignedIn, PoolFull
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.problems import TooLarge, documented
from gateway.viewing.open_sessions import OpenSessions

MAX_BYTES = 64 * 1024  # what a closing page may send in all
ACK_S = 2.0  # to wait for the worker


class LastWords(msgspec.Struct, frozen=True, kw_only=True):
    """What became of them."""

    acked_event_seq: int
    """Highest player event number that is safe."""


class LastWordsRoutes(Controller):
    """What a closing page says."""

    path = "/v1/sessions/{session_id:str}/events"
    tags: Sequence[str] | None = ("sessions",)

    @post(
        status_code=202,
        request_max_body_size=MAX_BYTES,
        responses=documented(
            InvalidMessage, NotSignedIn, NotPermitted, NotFound, TooLarge, PoolFull
        ),
    )
    async def say(
        self,
        session_id: FromPath[str],
        request: Request[Any, Any, Any],
        caller: NamedDependency[Caller],
        sessions: NamedDependency[OpenSessions],
    ) -> LastWords:
        """Take a `rapt.v1.ClientMessage`: a player event or a Close. Needs the session's ticket."""
        caller.must_see_session(read_id(session_id, what="session"))
        if caller.ticket is None:
            raise NotPermitted(
                "send the session's ticket; the local access token is for no session"
            )
        message = _parse(await request.body())
        session = await sessions.open(caller.ticket)
        seq = 0
        if message.WhichOneof("message") == "player_event":
            seq = message.player_event.seq
            session.take_event(message.player_event, time.monotonic())
            sessions.expect(session)
        else:
            sessions.close(session, message.close.reason or perception.EXIT_REASON_LEFT)
        return LastWords(acked_event_seq=await session.until_acked(seq, within_s=ACK_S))


def _parse(body: bytes) -> viewing.ClientMessage:
    try:
        message = viewing.ClientMessage.FromString(body)
    except DecodeError as error:
        raise InvalidMessage("the body is no rapt.v1.ClientMessage") from error
    if message.WhichOneof("message") not in {"player_event", "close"}:
        raise InvalidMessage("last words are a player_event or a close; all else needs the socket")
    return message

"""How does one of our errors end a gRPC call? With its code, a sentence, and when to come back.

The one place where the error tree becomes a status.
"""

import asyncio
from typing import Any

import grpc
from rapt.errors import PoolFull, QuotaSpent, RaptError

RETRY_AFTER_MS = 5000  # room comes when a session ends, not from one second to the next


async def end_call(context: grpc.aio.ServicerContext[Any, Any], error: RaptError) -> None:
    """End the call with the error; whoever answers it must return, and that is not sent.

    gRPC raises an error, keeps it, and raises it again then. Its traceback would hold our frames,
    and they the call: a circle for each call, which the collector finds an hour later.

    Raises:
        CancelledError: an answer is still stuck on its way to who reads nothing, so no status can
            follow it; the stream is reset instead.
    """
    trailer: tuple[tuple[str, str], ...] = ()
    if isinstance(error, PoolFull | QuotaSpent):  # who drains has a neighbour that may be asked now
        trailer = (("grpc-retry-pushback-ms", str(RETRY_AFTER_MS)),)
    try:
        await context.abort(error.code, str(error), trailer)
    except grpc.aio.AbortError as aborted:
        aborted.__traceback__ = None
    except grpc.aio.InternalError:
        raise asyncio.CancelledError from None


def first_of(group: BaseExceptionGroup[RaptError]) -> RaptError:
    """Return the first error of a group, however deep."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, RaptError)  # noqa: S101  # the group holds nothing else
    return error

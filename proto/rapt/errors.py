"""What can go wrong, and what the caller should do about it.

RaptError
├── Rejected              the request is wrong; sending it again will not help
│   ├── InvalidMessage        INVALID_ARGUMENT
│   ├── NotSignedIn           UNAUTHENTICATED
│   ├── NotPermitted          PERMISSION_DENIED
│   └── NotFound              NOT_FOUND
├── Overloaded            the request is right; we are full, try later (retryable)
│   ├── QuotaSpent            RESOURCE_EXHAUSTED   the tenant used its share
│   ├── PoolFull              UNAVAILABLE          no worker has room
│   ├── SpoolFull             UNAVAILABLE          the disk that holds facts is full
│   └── Unavailable           UNAVAILABLE          a service that we need is away
├── TooLate               DEADLINE_EXCEEDED    the answer would be stale
├── Misconfigured         FAILED_PRECONDITION  the operator must change something; says what
└── Fault                 INTERNAL             our bug or a broken machine

A status ends a gRPC stream, so only a stream refused at its opening raises one of these.
A single frame or event that is refused later is a `Shed` message.
Messages hold facts, never bodies, tokens or addresses of people.
"""

import grpc


class RaptError(Exception):
    """Root of every error that we raise on purpose."""

    code = grpc.StatusCode.INTERNAL


class Rejected(RaptError):
    """The request is wrong; sending it again will not help."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class InvalidMessage(Rejected):
    """The message breaks the contract."""


class NotSignedIn(Rejected):
    """No ticket or token, or one that is expired or forged."""

    code = grpc.StatusCode.UNAUTHENTICATED


class NotPermitted(Rejected):
    """The person is known and may not do this."""

    code = grpc.StatusCode.PERMISSION_DENIED


class NotFound(Rejected):
    """There is no such thing in the caller's tenant."""

    code = grpc.StatusCode.NOT_FOUND


class Overloaded(RaptError):
    """The request is right; we are full, try later."""

    code = grpc.StatusCode.UNAVAILABLE


class QuotaSpent(Overloaded):
    """The tenant used its share."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class PoolFull(Overloaded):
    """No worker has room for another stream."""


class SpoolFull(Overloaded):
    """The disk that holds facts until the store has them is full."""


class Unavailable(Overloaded):
    """A service that we need is away."""


class TooLate(RaptError):
    """The answer would be stale."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Misconfigured(RaptError):
    """The operator must change something; the message says what."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Fault(RaptError):
    """Our bug or a broken machine."""

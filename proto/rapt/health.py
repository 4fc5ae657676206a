"""Does a gRPC service say that it serves? Asked without the library of the health service."""

import grpc

METHOD = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}


async def is_serving(channel: grpc.aio.Channel, service: str, *, within_s: float) -> bool:
    """Return whether the service serves.

    Raises:
        grpc.aio.AioRpcError: nobody answers in time, or there is no health service.
    """
    name = service.encode()
    question = b"\x0a" + bytes([len(name)]) + name  # HealthCheckRequest{service: 1}
    check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
    return await check(question, timeout=within_s) == SERVING

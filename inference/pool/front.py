"""The address of the whole pool: nothing but the health service, for whoever waits for it.

The workers' own addresses change; this one is in the settings. It serves while a worker is ready.
"""

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from rapt.errors import Misconfigured

from inference.streams.observing import SERVICE

OPTIONS = (("grpc.so_reuseport", 0),)


class Front:
    """Says whether the pool is ready."""

    def __init__(self, listen: str) -> None:
        """Bind the address.

        Raises:
            Misconfigured: it is taken.
        """
        self._server = grpc.aio.server(options=OPTIONS)
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        try:
            self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise Misconfigured(
                f"cannot listen on {listen}: it is taken or not ours; set RAPT_INFERENCE_LISTEN"
            ) from error

    async def start(self) -> None:
        """Answer."""
        await self.tell(is_ready=False)
        await self._server.start()

    async def tell(self, *, is_ready: bool) -> None:
        """Say whether a worker is ready."""
        answers = health_pb2.HealthCheckResponse
        for name in (SERVICE, health.OVERALL_HEALTH):
            await self._health.set(name, answers.SERVING if is_ready else answers.NOT_SERVING)

    async def stop(self) -> None:
        """Answer no more."""
        await self._server.stop(0)

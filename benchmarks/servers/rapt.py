"""Rapt: one real worker of its own over gRPC."""

import sys
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2
from rapt.cli.ports import free_ports

from benchmarks.load.job import Speech, Target
from benchmarks.servers.server import Probe, Recipe

REPOSITORY = Path(__file__).resolve().parents[2]


def recipe(
    folder: Path,
    *,
    scale: float,
    frame_bytes: int,
    models: Path | None = None,
    speech: Speech = Speech.OBSERVE,
) -> Recipe:
    """Return how it is started.

    Args:
        folder: for its words and counts.
        scale: of the sleep model.
        frame_bytes: of a picture.
        models: built models; the sleep model without them.
        speech: how it is spoken to.
    """
    address, counts = f"127.0.0.1:{free_ports(1)[0]}", folder / "rapt.counts"
    command = [sys.executable, "-m", "benchmarks.servers.rapt_worker", "--listen", address]
    command += ["--scale", str(scale), "--counts", str(counts), "--frame-bytes", str(frame_bytes)]
    command += ["--models", str(models)] if models else []
    return Recipe(
        name="rapt" if speech is Speech.OBSERVE else "rapt_oip",
        command=command,
        target=Target(speech=speech, address=address),
        probe=_serves(address),
        counts=None if models else counts,
        environ={"PYTHONPATH": str(REPOSITORY)},
        folder=folder,
    )


def _serves(address: str) -> Probe:
    async def probe() -> bool:
        async with grpc.aio.insecure_channel(address) as channel:
            ask = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            try:
                answer = await ask(health_pb2.HealthCheckRequest(), timeout=2)
            except grpc.aio.AioRpcError:
                return False
            return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return probe

"""`python -m inference serve`: one inference worker, until SIGTERM.

Settings are environment variables that start with `RAPT_INFERENCE_`; see `inference.config`.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import structlog
from prometheus_client import REGISTRY, disable_created_metrics, start_http_server
from rapt.address import parse_address
from rapt.config import load_config
from rapt.crashes import leave_no_dump
from rapt.errors import Misconfigured, RaptError
from rapt.signals import on_stop
from rapt.telemetry import start_logging
from rapt.tls import server_tls

from analytics.writer import Writer, open_writer
from inference.config import PREFIX, InferenceConfig
from inference.grants import Grants
from inference.metrics import Metrics
from inference.models.folder import ModelFolder
from inference.oip.bare import BareModel
from inference.oip.networks import open_networks
from inference.perception.pipeline import Pipeline
from inference.server import Door
from inference.worker import Parts, Worker

WARM_UP_PX = 320  # side of the picture that the device is measured with

log = structlog.get_logger()


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; 0 is success, 1 is a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m inference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve Perception.Observe until SIGTERM")
    parser.parse_args(arguments)
    leave_no_dump()
    failure: BaseException | None = None
    try:
        config = load_config(environ, InferenceConfig, prefix=PREFIX)
        if not config.store_url:
            raise Misconfigured(f"set {PREFIX}STORE_URL to http://writer:password@host:8123/rapt")
        start_logging("inference", level=config.log_level)
        asyncio.run(_serve(config))
    except* RaptError as group:
        failure = group
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    if failure is not None:
        sys.stderr.write(f"inference: {failure}\n")
    return int(failure is not None)


async def _serve(config: InferenceConfig) -> None:
    stop = asyncio.Event()
    on_stop(stop.set)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, unasked
    metrics = Metrics()
    if config.metrics_listen is not None:
        _serve_metrics(metrics, config.metrics_listen)
    folder = ModelFolder(Path(config.models))
    pipeline = await asyncio.to_thread(
        Pipeline.load, folder, provider=config.provider, threads=config.threads
    )
    networks: dict[str, BareModel] = {}
    if config.networks:
        networks = await asyncio.to_thread(
            open_networks, folder, provider=pipeline.provider, threads=config.threads
        )
    async with _writer_of(config) as writer:
        parts = Parts(pipeline, writer, metrics, folder.version, networks)
        worker = Worker(parts, door=_door_of(config), drain_s=config.drain_s)
        await worker.run(stop, warm_up=_warm_up_picture(folder))


def _door_of(config: InferenceConfig) -> Door:
    """Return where the worker listens, and for whom."""
    return Door(
        config.listen,
        Grants.load(config.grants, config.token),
        server_tls(config.tls_certificate, config.tls_key, config.tls_client_ca),
        config.max_waiting,
    )


def _writer_of(config: InferenceConfig) -> Writer:
    """Return what carries rows to the store."""
    spool = Path(config.spool)
    return open_writer(config.store_url, spool=spool, max_bytes=config.max_spool_bytes)


def _serve_metrics(metrics: Metrics, listen: str) -> None:
    """Open the Prometheus endpoint, with the writer's series, which count in the default registry.

    Raises:
        Misconfigured: the address is no address, or is taken.
    """
    metrics.registry.register(REGISTRY)
    address = parse_address(listen, setting=f"{PREFIX}METRICS_LISTEN")
    try:
        start_http_server(address.port, addr=address.host, registry=metrics.registry)
    except OSError as error:
        raise Misconfigured(
            f"cannot serve metrics on {listen!r}: {error}; set {PREFIX}METRICS_LISTEN"
        ) from error


def _warm_up_picture(folder: ModelFolder) -> bytes:
    """Return a JPEG as a webcam sends it; with a face if the portraits were fetched."""
    picture = np.full((WARM_UP_PX, WARM_UP_PX, 3), 128, np.uint8)
    with suppress(Misconfigured):
        portrait = cv2.imread(str(folder.portrait("astronaut")))
        if portrait is not None:
            picture = cv2.resize(portrait, (WARM_UP_PX, WARM_UP_PX)).astype(np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:], os.environ))

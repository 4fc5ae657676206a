"""One worker from its settings: loads the models, serves, announces itself, drains.

The same in every pool: `serve` runs in the process that was started, or in one of Ray's.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import structlog
from prometheus_client import REGISTRY
from rapt.address import Address, parse_address
from rapt.endpoint import Endpoint
from rapt.errors import Misconfigured
from rapt.explained import PATH as EXPLAIN
from rapt.placement import WorkerEntry
from rapt.tls import server_tls
from rapt.tracing.opening import open_tracer
from rapt.tracing.spans import Tracer

from analytics.writer import Writer, open_writer
from inference.attention.confidence import release
from inference.config import PREFIX, InferenceConfig
from inference.engine.device import cores_here
from inference.engine.engine import Device
from inference.grants import Grants
from inference.metrics import Metrics
from inference.models.folder import ModelFolder
from inference.oip.bare import BareModel
from inference.oip.models import ServedModel
from inference.oip.networks import open_networks
from inference.perception.look import Look, Seen, Unreadable
from inference.perception.pipeline import Pipeline
from inference.pool.registry import Announcer, MemoryRegistry, RedisRegistry, Registry
from inference.pool.vitals import Monitor
from inference.scheduling.ladder import levels_of
from inference.scheduling.plan import Policy
from inference.server import Door
from inference.worker import Parts, Worker

WARM_UP_PX = 320  # side of the picture that the device is measured with
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  read from the settings, never bound by us


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a worker looks with."""

    device: Device[Look, Any, Seen | Unreadable]
    model: str
    """Version of the weights."""
    networks: Mapping[str, ServedModel] = field(default_factory=dict)
    warm_up: bytes | None = None
    """A picture to measure the device with."""


log = structlog.get_logger()

Load = Callable[[InferenceConfig], Loaded]
Told = Callable[[WorkerEntry], None]


def ignore(_: WorkerEntry) -> None:
    """Nobody else wants to know."""


def load(config: InferenceConfig) -> Loaded:
    """Open the models.

    Raises:
        Misconfigured: one is missing, or the device is.
    """
    folder = ModelFolder(Path(config.models))
    for missing in folder.missing():
        log.info("optional_models_missing", detail=missing)
    cores = min(config.worker_cpus, cores_here()) if config.pool == "ray" else cores_here()
    device = Pipeline.load(folder, provider=config.provider, threads=config.threads, cores=cores)
    log.info("device_opened", provider=device.provider, threads=device.threads)
    networks: dict[str, BareModel] = {}
    if config.networks:
        networks = open_networks(
            folder,
            provider=device.provider,
            threads=device.threads,
            has_expressions=config.expression_networks,
        )
    model = f"{folder.version} {release()}"
    return Loaded(device, model, networks, _warm_up_picture(folder))


async def serve(
    config: InferenceConfig, stop: asyncio.Event, *, load: Load = load, told: Told = ignore
) -> None:
    """Run one worker until `stop` is set and every session has moved or ended.

    Args:
        config: its settings.
        stop: set by SIGTERM, by the pool, or here when another process has the worker's name.
        load: opens what it looks with.
        told: hears what the worker announces, about once a second.

    Raises:
        Misconfigured: an address is taken, or a model is missing.
    """
    metrics = Metrics()
    endpoint = _endpoint_of(metrics, config)
    loaded = await asyncio.to_thread(load, config)
    async with _tracer_of(config, metrics) as tracer, _writer_of(config) as writer:
        parts = Parts(
            loaded.device,
            writer,
            metrics,
            loaded.model,
            loaded.networks,
            policy=Policy(max_wait_s=config.max_wait_s),
            slots=config.slots,
            levels=levels_of(round(1000 * config.fps), has_reuse=config.reuse),
            tracer=tracer,
        )
        worker = Worker(parts, door=_door_of(config), drain_s=config.drain_s)
        place = Address(_host_of(config), worker.port)
        shown = ""
        if endpoint is not None:
            endpoint.show(EXPLAIN, worker.engine.explanations.page)
            shown = str(Address(_host_of(config), endpoint.address.port))
        describe = _description(config, worker, Monitor(metrics), place, shown)

        def tell(fence: int) -> WorkerEntry:
            entry = describe(fence, loaded)
            told(entry)
            return entry

        async with _registry_of(config) as registry, asyncio.TaskGroup() as tasks:
            announcer = Announcer(registry, tell, worker.state_changed)
            announcing = tasks.create_task(announcer.run(stop))
            try:
                await worker.run(stop, warm_up=loaded.warm_up)
            finally:
                announcing.cancel()


def _description(
    config: InferenceConfig, worker: Worker, monitor: Monitor, place: Address, metrics: str
) -> Callable[[int, Loaded], WorkerEntry]:
    """Return what makes the worker's entry."""

    def describe(fence: int, loaded: Loaded) -> WorkerEntry:
        vitals = monitor.now(time.monotonic())
        return WorkerEntry(
            name=config.name or str(place),
            address=str(place),
            fence=fence,
            pid=os.getpid(),
            state=worker.state,
            device=loaded.device.provider,
            model=loaded.model,
            capacity=max(vitals.capacity, 1.0),
            load=vitals.load,
            streams=vitals.streams,
            refused=vitals.refused,
            fresh_share=vitals.fresh_share,
            age_p95_s=vitals.age_p95_s,
            metrics=metrics,
        )

    return describe


@asynccontextmanager
async def _registry_of(config: InferenceConfig) -> AsyncIterator[Registry]:
    if not config.redis_url:
        yield MemoryRegistry()
        return
    registry = RedisRegistry(config.redis_url)
    try:
        yield registry
    finally:
        await registry.close()


def _host_of(config: InferenceConfig) -> str:
    """Return the host by which others reach the worker."""
    host = parse_address(config.listen, setting=f"{PREFIX}LISTEN", min_port=0).host
    if config.advertise:
        return config.advertise
    return own_address() if host in EVERYWHERE else host


def own_address() -> str:
    """Return this machine's address on the network, or loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # of documentation: only the route is looked up
        return str(probe.getsockname()[0])
    return "127.0.0.1"


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


@asynccontextmanager
async def _tracer_of(config: InferenceConfig, metrics: Metrics) -> AsyncIterator[Tracer | None]:
    """Open what sends spans away, if anybody wants them."""
    tracer = open_tracer(
        config.traces,
        process="inference",
        name=config.name,
        share=config.traces_share,
        counts=metrics.traces,
        setting=f"{PREFIX}TRACES",
    )
    try:
        yield tracer
    finally:
        if tracer is not None:
            await asyncio.to_thread(tracer.close)


def _endpoint_of(metrics: Metrics, config: InferenceConfig) -> Endpoint | None:
    """Open the Prometheus endpoint, with the writer's series, which count in the default registry.

    Raises:
        Misconfigured: the address is no address, or is taken.
    """
    if config.metrics_listen is None:
        return None
    metrics.registry.register(REGISTRY)
    return Endpoint(config.metrics_listen, metrics.registry, setting=f"{PREFIX}METRICS_LISTEN")


def _warm_up_picture(folder: ModelFolder) -> bytes:
    """Return a JPEG as a webcam sends it; with a face if the portraits were fetched."""
    picture = np.full((WARM_UP_PX, WARM_UP_PX, 3), 128, np.uint8)
    with suppress(Misconfigured):
        portrait = cv2.imread(str(folder.portrait("astronaut")))
        if portrait is not None:
            picture = cv2.resize(portrait, (WARM_UP_PX, WARM_UP_PX)).astype(np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()

"""One worker, put together and run: engine, sessions, server, from first warm-up to last flush."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from rapt.limits import MAX_FRAME_BYTES, MAX_FRAME_PIXELS
from rapt.pauses import short_pauses
from rapt.placement import State
from rapt.tracing.spans import Tracer

from inference.engine.device import DeviceLost, slots_here
from inference.engine.engine import Device, Engine
from inference.load import Load
from inference.messages import Opened
from inference.metrics import ARRIVING, OPEN, Metrics
from inference.oip.face_model import NAME as FACE
from inference.oip.face_model import FaceModel
from inference.oip.models import ServedModel
from inference.perception.look import Look, Seen, Unreadable
from inference.scheduling.ladder import LEVELS, Levels
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import USUAL, Policy
from inference.server import Door, Server
from inference.sessions.sessions import RowWriter, Sessions
from inference.streams.frames import judge_frames
from inference.streams.stream import House
from inference.traces import Traces

CUT_S = 0.5  # for calls that were cut to say so, and for those that know no end

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of."""

    pipeline: Device[Look, Any, Seen | Unreadable]
    writer: RowWriter
    metrics: Metrics
    model: str
    """Version of the weights."""
    networks: Mapping[str, ServedModel] = field(default_factory=dict)
    """Served by name, beside `face`."""
    policy: Policy = USUAL
    slots: int = 0
    """Batches under way; 0 = as the cores allow."""
    levels: Levels = LEVELS
    """What streams are asked for, and how far that may fall."""
    tracer: Tracer | None = None
    """Sends spans away; None = there are none."""


class Worker:
    """Serves Observe on one address with one device."""

    def __init__(self, parts: Parts, *, door: Door, drain_s: float) -> None:
        """Bind the address.

        Raises:
            Misconfigured: the address is taken.
        """
        self.state: State = "warming"
        self.state_changed = asyncio.Event()
        """Set whenever it enters another state; whoever waits clears it."""
        self._drain_s = drain_s
        table = LatencyTable(parts.pipeline.buckets)
        slots = parts.slots or slots_here()
        self.engine = Engine(parts.pipeline, table, parts.metrics, policy=parts.policy, slots=slots)
        parts.metrics.device_memory.is_gpu = "CUDA" in parts.pipeline.provider
        parts.metrics.device.labels(parts.pipeline.provider).set(1)
        self.sessions = Sessions(parts.writer, parts.metrics, model=parts.model)
        opened = Opened(parts.model, parts.pipeline.provider, MAX_FRAME_BYTES, MAX_FRAME_PIXELS)
        weights = door.grants.weights
        self.load = Load(self.engine, parts.metrics, weights=weights, levels=parts.levels)
        self.engine.weights = lambda: weights
        self.engine.foresee = judge_frames
        traces = None
        if parts.tracer is not None:
            traces = Traces(parts.tracer, parts.metrics.traces)
            self.engine.explanations.on_ran = traces.batch
        house = House(
            self.engine, self.load, self.sessions, parts.writer, parts.metrics, opened, traces
        )
        face = FaceModel(self.engine, parts.pipeline)
        self.models: dict[str, ServedModel] = {**parts.networks, FACE: face}
        parts.metrics.device_load.labels(ARRIVING).set_function(self._arriving)
        parts.metrics.device_load.labels(OPEN).set_function(self.load.full_rate)
        self._server = Server(door, house=house, models=self.models)
        self.port = self._server.port

    def _arriving(self) -> float:
        """Return the device-seconds that a second of what arrives needs, whoever sends it.

        Networks asked by name have engines of their own and the device of the streams, so what
        each of them needs of it adds up. May be called in any thread.
        """
        now_s = time.monotonic()
        by_name = sum(model.load(now_s) for model in self.models.values())
        return self.engine.load(now_s) + by_name

    async def run(self, stop: asyncio.Event, *, warm_up: bytes | None = None) -> None:
        """Serve until `stop` is set, then let every call write down what it has.

        Args:
            stop: set by SIGTERM.
            warm_up: a picture to measure the device with before the first call.
        """
        try:
            if warm_up is not None:
                await self.engine.warm_up(Look(warm_up), _follow(warm_up))
            with short_pauses():
                await self._serve(stop)
        finally:
            await self._server.stop(0)
            self.engine.close()

    async def _serve(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._drive()),
                tasks.create_task(self.load.run()),
                tasks.create_task(self.sessions.run()),
                *(tasks.create_task(model.run()) for model in self.models.values()),
            ]
            await self._server.start()
            self._enter("ready")
            await stop.wait()
            await self._stop()
            for task in running:
                task.cancel()

    def _enter(self, state: State) -> None:
        self.state = state
        self.state_changed.set()
        log.info("worker_state_changed", state=state, port=self.port)

    async def _drive(self) -> None:
        """Run the device; when it is lost tell every call, and let a new process begin.

        Raises:
            DeviceLost: after everything that is known was written down.
        """
        try:
            await self.engine.run()
        except DeviceLost as lost:
            await self._server.stop_accepting()
            self.sessions.cut(lost)
            await self._server.stop(CUT_S)
            await self.sessions.flush()
            raise

    async def _stop(self) -> None:
        self._enter("draining")
        await self._server.stop_accepting()
        await self.sessions.drain(self._drain_s)
        await self._server.stop(CUT_S)
        await self.sessions.flush()
        log.info("worker_stopped")


def _follow(image: bytes) -> Callable[[Seen | Unreadable], Look]:
    """Return what makes a stream's next look, so that most of the warm-up follows a face."""

    def look(seen: Seen | Unreadable) -> Look:
        return Look(image, seen.track if isinstance(seen, Seen) else None)

    return look

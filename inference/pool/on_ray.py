"""A pool of Ray actors: as many workers as are wanted, started, watched, drained, ended.

Ray decides where a worker runs and starts a new process when one dies, in seconds, on a new port;
the registry in Redis tells the gateways. Here is what Ray does not do: how many there should be,
and that none is taken away before its sessions have moved.
"""

import asyncio
import time
from collections.abc import Callable

import structlog
from msgspec.structs import replace
from rapt.errors import Fault, Misconfigured

from inference.config import PREFIX, InferenceConfig
from inference.pool.actor import STOP_S, Report
from inference.pool.cluster import Cluster
from inference.pool.counts import PoolCounts
from inference.pool.front import Front
from inference.pool.local import Load, load
from inference.pool.scaling import Limits, Trend, wanted
from inference.pool.slots import Slot, free_number, signs_of, to_retire

LOOK_S = 1.0
START_S = 120.0  # until the first worker must be ready: models may be large
GRACE_S = 2.0  # beyond a worker's own time to stop

log = structlog.get_logger()


async def serve(
    config: InferenceConfig,
    stop: asyncio.Event,
    *,
    load: Load = load,
    joined: Callable[[], None] | None = None,
) -> None:
    """Run a pool until `stop` is set and every session has ended or moved.

    Args:
        config: settings of the pool, and of each worker as far as they are not its own.
        stop: set by SIGTERM.
        load: opens what a worker looks with; called in each worker's process.
        joined: called when Ray is there, which by then has taken the handlers of signals.

    Raises:
        Misconfigured: Ray or Redis is not there, an address is taken, or no worker can begin.
        Fault: no worker is ready in time.
    """
    if not config.redis_url:
        raise Misconfigured(f"set {PREFIX}REDIS_URL: there the workers say where they are")
    cluster = await asyncio.to_thread(Cluster.join, config)
    try:
        if joined is not None:
            joined()
        front = Front(config.listen)
        try:
            await front.start()
            await Pool(config, cluster, front, load).run(stop)
        finally:
            await front.stop()
    finally:
        await asyncio.to_thread(cluster.leave)


class Pool:
    """The workers that there are, and those that there should be."""

    def __init__(self, config: InferenceConfig, cluster: Cluster, front: Front, load: Load) -> None:
        self._config = config
        self._cluster = cluster
        self._front = front
        self._load = load
        self._slots: list[Slot] = []
        self._leaving: dict[int, asyncio.Task[None]] = {}
        self._trend = Trend()
        self._room = cluster.room_for(config)
        begin = config.workers or max(self._room, 1)
        self._limits = Limits(
            min_workers=min(config.min_workers, begin), max_workers=max(config.max_workers, begin)
        )
        self._begin = begin
        self._counts = PoolCounts(config.metrics_listen)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the pool as it should be until `stop` is set, then empty it."""
        late_s = time.monotonic() + START_S
        log.info("pool_started", workers=self._begin, **self._cluster.about)
        if self._begin > self._room:
            log.warning("pool_larger_than_cluster", workers=self._begin, room=self._room)
        for _ in range(self._begin):
            self._add()
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                await self._look(tasks, late_s=late_s)
                await _until(stop, LOOK_S)
            log.info("pool_draining", workers=len(self._slots))
            for slot in list(self._slots):
                self._retire(tasks, slot)
        log.info("pool_stopped")

    async def _look(self, tasks: asyncio.TaskGroup, *, late_s: float) -> None:
        reports = await asyncio.gather(*(self._cluster.ask(slot.handle) for slot in self._slots))
        pairs, now_s = zip(self._slots, reports, strict=True), time.monotonic()
        refused = sum(self._take(slot, report, now_s) for slot, report in pairs)
        signs = signs_of(self._slots, now_s, refused=refused)
        await self._front.tell(is_ready=signs.ready > 0)
        self._counts.show(
            ready=signs.ready,
            warming=signs.warming,
            waiting=signs.waiting,
            draining=len(self._leaving),
        )
        self._check_start(late_s)
        await self._tell_of_waiting(now_s)
        self._trend, number = wanted(self._trend, signs, self._limits, now_s)
        if number != len(self._slots):
            log.info("pool_scaled", workers=number, before=len(self._slots), load=signs.load)
        while len(self._slots) < number:
            self._add()
        while len(self._slots) > number:
            self._retire(tasks, to_retire(self._slots, now_s))

    async def _tell_of_waiting(self, now_s: float) -> None:
        """Say once of each worker that there is no room for it, and what it would need."""
        for slot in self._slots:
            if slot.is_told or not slot.is_waiting(now_s):
                continue
            slot.is_told = True
            each = self._cluster.needs_of(self._config)
            free = await asyncio.to_thread(self._cluster.free)
            log.warning(
                "worker_waits_for_room",
                worker=_name(slot.number),
                waited_s=round(now_s - slot.begun_s),
                needs_cpus=each.cpus,
                needs_gpus=each.gpus,
                free_cpus=free.cpus,
                free_gpus=free.gpus,
            )

    def _take(self, slot: Slot, report: Report | None, now_s: float) -> int:
        restarts, refused = slot.restarts, slot.take(report, now_s)
        if slot.is_frozen(now_s):
            log.warning("worker_frozen", worker=_name(slot.number), pid=slot.pid)
            self._cluster.restart(slot.handle)
            slot.silent_since_s = now_s
        if slot.restarts > restarts:
            self._counts.restarts.inc()
            log.warning("worker_restarted", worker=_name(slot.number))
        return refused

    def _check_start(self, late_s: float) -> None:
        """See that the pool gets going at all.

        Raises:
            Misconfigured: no worker can begin; says why.
            Fault: it takes too long.
        """
        if any(slot.was_ready for slot in self._slots):
            return
        for slot in self._slots:
            if slot.report is not None and slot.report.failure:
                raise Misconfigured(slot.report.failure)
        if time.monotonic() > late_s:
            raise Fault(f"no worker is ready after {START_S:.0f} s; see whether Ray has room")

    def _add(self) -> None:
        number = free_number(self._slots, list(self._leaving))
        handle = self._cluster.begin(self._settings(number), self._load)
        self._slots.append(Slot(number, handle, begun_s=time.monotonic()))

    def _retire(self, tasks: asyncio.TaskGroup, slot: Slot) -> None:
        """Drain a worker and end it; meanwhile it is none of the pool's any more."""
        self._slots.remove(slot)
        self._leaving[slot.number] = tasks.create_task(self._end(slot))

    async def _end(self, slot: Slot) -> None:
        has_begun = slot.pid is not None  # else there is nothing to wait for
        within_s = STOP_S + GRACE_S if has_begun else GRACE_S
        is_done = await self._cluster.stop(slot.handle, within_s=within_s)
        log.info("worker_ended", worker=_name(slot.number), is_drained=is_done or not has_begun)
        del self._leaving[slot.number]

    def _settings(self, number: int) -> InferenceConfig:
        """Return the settings of one worker: its own name, folder and ports."""
        config, name = self._config, _name(number)
        host = config.listen.rpartition(":")[0]
        metrics = config.metrics_listen
        return replace(
            config,
            name=name,
            listen=f"{host}:0",
            spool=f"{config.spool}/{name}",
            metrics_listen=None if metrics is None else f"{metrics.rpartition(':')[0]}:0",
        )


def _name(number: int) -> str:
    return f"worker-{number}"


async def _until(stop: asyncio.Event, within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            await stop.wait()
    except TimeoutError:
        return

"""Ray itself: joined or started, asked for actors, left. The one file that imports it.

Our own Ray has no dashboard, tells nobody that it runs, and listens on loopback alone.
"""

import asyncio
import logging
import math
import os
import warnings
from pathlib import Path
from typing import Any

import structlog
from msgspec.structs import replace
from rapt.errors import Misconfigured

from inference.config import InferenceConfig
from inference.pool import environment
from inference.pool.actor import PoolWorker, Report
from inference.pool.local import Load
from inference.pool.room import Resources, cores_each, needs, room

ASK_S = 2.0  # an actor that needs longer does not answer
OBJECT_STORE_BYTES = 80 * 1024**2  # the smallest that Ray takes; nothing of ours goes there
CALLS = 4  # of an actor at the same time: a stop must not keep the questions waiting

log = structlog.get_logger()


class Cluster:
    """A running Ray."""

    def __init__(self, library: Any, *, is_own: bool) -> None:
        # Ray's own types are too loose to help: everything of it is Any here.
        self._ray = library
        self._asked: dict[Any, asyncio.Future[Any]] = {}
        nodes = [node["Resources"] for node in library.nodes() if node["Alive"]]
        self._machines = [_resources(node) for node in nodes]
        self.about = {
            "cpus": sum(machine.cpus for machine in self._machines),
            "gpus": sum(machine.gpus for machine in self._machines),
            "is_own": is_own,
        }

    @classmethod
    def join(cls, config: InferenceConfig) -> "Cluster":
        """Connect to the cluster of the settings, or start one on this machine.

        Raises:
            Misconfigured: Ray is not installed, or the cluster can not be reached.
        """
        is_own = not config.ray_address
        environment.prepare(config.ray_address)
        try:
            import ray  # noqa: PLC0415  it reads the environment, and it is there only with its extra
        except ImportError as error:
            raise Misconfigured("Ray is not installed; install rapt[ray]") from error
        options: dict[str, Any] = {"address": config.ray_address}
        if is_own:
            asked = max(config.workers, config.max_workers, config.min_workers)
            options = {
                "address": "local",
                "num_cpus": max(os.cpu_count() or 1, math.ceil(asked * config.worker_cpus)),
                "include_dashboard": False,
                "object_store_memory": OBJECT_STORE_BYTES,
            }
        try:
            ray.init(**options, namespace="rapt", logging_level=logging.WARNING)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            hint = "" if is_own else "; a cluster with a token wants RAY_AUTH_MODE=token"
            raise Misconfigured(
                f"there is no Ray at {config.ray_address!r}: {error}{hint}"
            ) from error
        return cls(ray, is_own=is_own)

    def room_for(self, config: InferenceConfig) -> int:
        """Return how many workers there is room for."""
        return room(self._machines, self.needs_of(config))

    def needs_of(self, config: InferenceConfig) -> Resources:
        """Return what a worker takes.

        Raises:
            Misconfigured: there is no such share of GPUs.
        """
        return needs(config, self._machines)

    def free(self) -> Resources:
        """Return what nobody has taken, on all machines together."""
        return _resources(self._ray.available_resources())

    def begin(self, config: InferenceConfig, load: Load) -> Any:
        """Start a worker's actor somewhere."""
        ray, each = self._ray, self.needs_of(config)
        remote = ray.remote(PoolWorker).options(
            num_cpus=each.cpus,
            num_gpus=each.gpus,
            max_restarts=-1,
            max_task_retries=0,
            max_concurrency=CALLS,
        )
        # Folders are named where the pool was started; an actor's process has another one.
        config = replace(_absolute(config), worker_cpus=cores_each(self._machines, each))
        return remote.remote(config, load, is_first_time)

    async def ask(self, handle: Any) -> Report | None:
        """Return how a worker is doing; None when it does not say.

        One question at a time: whoever owes an answer is not asked again, but waited for.
        """
        asked = self._asked.get(handle)
        if asked is None:
            asked = self._asked[handle] = _future(handle.stats)
        answer = await self._answer(asked, ASK_S)
        if asked.done():
            self._asked.pop(handle, None)
        return answer if isinstance(answer, Report) else None

    def restart(self, handle: Any) -> None:
        """End a worker's process, frozen as it may be; Ray begins another one."""
        self._ray.kill(handle, no_restart=False)

    async def stop(self, handle: Any, *, within_s: float) -> bool:
        """Drain a worker and end its process; return whether it was done in time."""
        answer = await self._answer(_future(handle.stop), within_s)
        self._ray.kill(handle, no_restart=True)
        self._asked.pop(handle, None)
        return answer is True

    def leave(self) -> None:
        """Disconnect; our own Ray ends."""
        self._ray.shutdown()

    async def _answer(self, asked: "asyncio.Future[Any]", within_s: float) -> Any:
        try:
            async with asyncio.timeout(within_s):
                # Shielded: an answer to a cancelled future ends the connection of `ray://`.
                return await asyncio.shield(asked)
        except TimeoutError:
            return None
        except self._ray.exceptions.RayError as error:
            log.debug("worker_away", reason=type(error).__name__)
            return None


def _future(method: Any) -> "asyncio.Future[Any]":
    """Call a worker; return its answer to be. Nobody has to wait for it."""
    asked: asyncio.Future[Any] = asyncio.wrap_future(method.remote().future())
    asked.add_done_callback(lambda done: done.cancelled() or done.exception())
    return asked


def is_first_time() -> bool:
    """Return, inside an actor, whether Ray has not restarted it."""
    import ray  # noqa: PLC0415  as above

    with warnings.catch_warnings(action="ignore", category=Warning):  # of its own inner calls
        return not ray.get_runtime_context().was_current_actor_reconstructed


def _resources(named: dict[str, float]) -> Resources:
    return Resources(named.get("CPU", 0.0), named.get("GPU", 0.0))


def _absolute(config: InferenceConfig) -> InferenceConfig:
    return replace(
        config,
        models=str(Path(config.models).resolve()),
        spool=str(Path(config.spool).resolve()),
    )

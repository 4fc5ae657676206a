"""Workers that look at nothing, one alone or a pool on Ray: `python -m tests.e2e.small_pool`.

Everything is real but the networks, so that two of them begin in seconds on two cores.
"""

import asyncio
import os

from rapt.config import load_config
from rapt.signals import on_stop
from rapt.telemetry import start_logging

from inference.config import PREFIX, InferenceConfig
from inference.pool import local, on_ray
from inference.pool.local import Load, Loaded
from tests.inference.calling import GOOD
from tests.inference.fakes import FakePipeline

RUN_S = 0.004  # of a batch


def load(_: InferenceConfig) -> Loaded:
    """Return a device that needs no models."""
    return Loaded(FakePipeline(RUN_S), "small/1", warm_up=GOOD)


async def main(load: Load) -> None:
    """Serve until SIGTERM, or until the device is lost."""
    stop = asyncio.Event()
    on_stop(stop.set)
    config = load_config(os.environ, InferenceConfig, prefix=PREFIX)
    start_logging("inference", level=config.log_level)
    if config.pool == "local":
        await local.serve(config, stop, load=load)
    else:
        await on_ray.serve(config, stop, load=load, joined=lambda: on_stop(stop.set))


if __name__ == "__main__":
    asyncio.run(main(load))

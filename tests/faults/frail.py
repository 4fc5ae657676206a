"""A worker whose device breaks when a frame says so: `python -m tests.faults.frail`.

Everything is real but the networks. What it raises is what a provider raises.
"""

import asyncio
import os
from collections.abc import Sequence

from rapt.config import load_config
from rapt.signals import on_stop
from rapt.telemetry import start_logging

from inference.config import PREFIX, InferenceConfig
from inference.perception.look import Look, Seen, Unreadable
from inference.pool import local
from inference.pool.local import Loaded
from inference.scheduling.stages import Ran
from tests.inference.fakes import GOOD, FakePipeline

LOSES_DEVICE, ENDS_THREAD, IS_LARGE = b"lose the device", b"end the thread", b"a large picture"
FITS = 2
"""Large pictures in one batch that the memory holds."""
RUN_S = 0.004


class FrailPipeline(FakePipeline):
    """Does as the pictures say."""

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Break, or see."""
        images = [look.image for look in prepared]
        if LOSES_DEVICE in images:
            raise RuntimeError("CUDA failure 719: unspecified launch failure ; GPU=0")
        if ENDS_THREAD in images:
            raise SystemExit
        if images.count(IS_LARGE) > FITS:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1073741824")
        return super().run(prepared)


def load(_: InferenceConfig) -> Loaded:
    """Return the device that needs no models."""
    return Loaded(FrailPipeline(RUN_S), "frail/1", warm_up=GOOD)


async def main() -> None:
    """Serve until SIGTERM, or until the device is lost."""
    stop = asyncio.Event()
    on_stop(stop.set)
    config = load_config(os.environ, InferenceConfig, prefix=PREFIX)
    start_logging("inference", level=config.log_level)
    await local.serve(config, stop, load=load)


if __name__ == "__main__":
    asyncio.run(main())

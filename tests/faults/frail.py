"""A worker whose device breaks when a frame says so: `python -m tests.faults.frail`.

Everything is real but the networks. What it raises is what a provider raises.
"""

import asyncio
import time
from collections.abc import Sequence

from prometheus_client import Counter

from inference.config import InferenceConfig
from inference.perception.look import Look, Seen, Unreadable
from inference.pool.local import Loaded
from inference.scheduling.stages import Ran
from tests.e2e.small_pool import RUN_S, main
from tests.inference.calling import GOOD
from tests.inference.fakes import FakePipeline

LOSES_DEVICE, ENDS_THREAD, IS_LARGE = b"lose the device", b"end the thread", b"a large picture"
FITS = 2
"""Large pictures in one batch that the memory holds, while it is short."""
SHORT_S = 5.0
"""From the first batch that does not fit; then whoever took the memory is gone."""
RUNS = Counter("frail_runs", "Batches that were tried, by how many pictures.", ["pictures"])


class FrailPipeline(FakePipeline):
    """Does as the pictures say."""

    _short_until_s = 0.0

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Break, or see."""
        images = [look.image for look in prepared]
        RUNS.labels(str(len(images))).inc()
        if LOSES_DEVICE in images:
            raise RuntimeError("CUDA failure 719: unspecified launch failure ; GPU=0")
        if ENDS_THREAD in images:
            raise SystemExit
        if images.count(IS_LARGE) > FITS and not self._has_memory_again():
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1073741824")
        return super().run(prepared)

    def _has_memory_again(self) -> bool:
        self._short_until_s = self._short_until_s or time.monotonic() + SHORT_S
        return time.monotonic() > self._short_until_s


def load(_: InferenceConfig) -> Loaded:
    """Return the device that needs no models."""
    return Loaded(FrailPipeline(RUN_S), "frail/1", warm_up=GOOD)


if __name__ == "__main__":
    asyncio.run(main(load))

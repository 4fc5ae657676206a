"""A worker that looks at nothing and says which frames shared a run: `-m tests.faults.telling`.

A frame is named by its picture, which is a few letters and no picture at all.
"""

import asyncio
from collections.abc import Sequence

import structlog

from inference.config import InferenceConfig
from inference.perception.look import Look, Seen, Unreadable
from inference.pool.local import Loaded
from inference.scheduling.stages import Ran
from tests.e2e.small_pool import main
from tests.inference.calling import GOOD
from tests.inference.fakes import FakePipeline

RUN_S = 0.02
"""Long enough to leave in the middle of it."""
RAN = "frames_ran"

log = structlog.get_logger()


class TellingPipeline(FakePipeline):
    """Says what it runs."""

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Run, and say which frames that were."""
        log.info(RAN, frames=[look.image.decode(errors="replace") for look in prepared])
        return super().run(prepared)


def load(_: InferenceConfig) -> Loaded:
    """Return the device that needs no models."""
    return Loaded(TellingPipeline(RUN_S), "telling/1", warm_up=GOOD)


if __name__ == "__main__":
    asyncio.run(main(load))

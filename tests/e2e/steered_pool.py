"""A pool on Ray that grows and shrinks as a test says: `python -m tests.e2e.steered_pool`.

How busy the devices are, and how many seconds have a verdict, stands in the file that `POOL_LOAD`
names; what must last for a pool to scale need last a second only, and a worker is given up after 15
seconds of silence.
All else is real: the decision, the actors, and how they leave.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from inference.pool import on_ray, scaling, slots
from inference.pool.scaling import Signs
from inference.pool.slots import Slot, signs_of
from tests.e2e import small_pool

LOAD = "POOL_LOAD"
LASTS_S, SILENT_S = 1.0, 15.0


def steered(places: Sequence[Slot], now_s: float, *, refused: int) -> Signs:
    """Return how the pool is doing: its workers as they are, all else as the file says."""
    signs = signs_of(places, now_s, refused=refused)
    load, fresh_share = map(float, Path(os.environ[LOAD]).read_text().split())
    return replace(signs, load=load, fresh_share=fresh_share, age_p95_s=0.0, refused=0)


if __name__ == "__main__":
    with (
        patch.object(on_ray, "signs_of", steered),
        patch.object(slots, "SILENT_S", SILENT_S),
        patch.object(scaling, "SHORT_FOR_S", LASTS_S),
        patch.object(scaling, "EASY_FOR_S", LASTS_S),
    ):
        asyncio.run(small_pool.main(small_pool.load))

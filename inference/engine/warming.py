"""How a device's times are learned before the first frame comes."""

import time
from collections.abc import Callable
from typing import Any

from inference.engine.device import Driver
from inference.engine.times import Times

DISCARDED_RUNS = 3  # of each bucket: they allocate and choose algorithms
TIMED_RUNS = 10
ENOUGH_RUNS, ENOUGH_S = 3, 0.06
"""After so many timed runs that took so long the bucket is known: a dead worker's streams wait."""


async def warm_up(
    driver: Driver, times: Times, job: Any, then: Callable[[Any], Any] | None
) -> None:
    """Run every bucket, full, often enough to know what it takes.

    Args:
        driver: of the device.
        times: what learns.
        job: what the device is given, in every place.
        then: makes the job after that from a result, as a stream goes on.
    """
    began_s = time.perf_counter()
    for bucket in times.run.buckets:
        jobs, took_s = [job] * bucket, 0.0
        for run in range(-DISCARDED_RUNS, TIMED_RUNS):
            if run >= ENOUGH_RUNS and took_s >= ENOUGH_S:
                break
            timed = await driver.run(jobs, lambda _: True)
            if timed is None:
                continue
            if run >= 0:
                times.learn(bucket, timed)
                took_s += timed.run_s
            if then is not None:
                jobs = [then(result) for result in timed.ran.results]
    times.learned(time.perf_counter() - began_s)

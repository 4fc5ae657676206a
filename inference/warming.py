"""How a device's times are learned before the first frame comes."""

import time
from collections.abc import Callable
from typing import Any

from inference.device import Driver
from inference.times import Times

DISCARDED_RUNS = 3  # of each bucket: they allocate and choose algorithms
TIMED_RUNS = 10


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
        jobs = [job] * bucket
        for run in range(DISCARDED_RUNS + TIMED_RUNS):
            timed = await driver.run(jobs, lambda _: True)
            if timed is None:
                continue
            if run >= DISCARDED_RUNS:
                times.learn(bucket, timed)
            if then is not None:
                jobs = [then(result) for result in timed.ran.results]
    times.learned(time.perf_counter() - began_s)

"""A real worker with one network more that costs nothing: `python -m benchmarks.breaking.summing`.

Requests to it reach everything but a processor: tensors are read, rows share runs, replies leave.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rapt.config import load_config
from rapt.signals import on_stop
from rapt.telemetry import start_logging

from inference.config import PREFIX, InferenceConfig
from inference.oip.bare import BareModel, Rows
from inference.oip.tensors import TensorSpec
from inference.pool import local
from inference.pool.local import Loaded
from inference.scheduling.stages import Ran, StageRun

MODEL, INPUT, NUMBERS = "sum", "numbers", 3


class SummingDevice:
    """Sums each row."""

    provider = "abacus"
    buckets = (1, 2, 4)

    def prepare(self, jobs: Sequence[Rows]) -> list[int]:
        """Sum."""
        return [int(np.frombuffer(row, "<i4").sum()) for (row,) in jobs]

    def run(self, prepared: list[int]) -> Ran[Sequence[bytes]]:
        """Give the sums."""
        rows: list[Sequence[bytes]] = [(np.int64(total).tobytes(),) for total in prepared]
        return Ran(rows, (StageRun(MODEL, len(prepared), len(prepared), 0.0),))


def load(config: InferenceConfig) -> Loaded:
    """Open the models, and add `sum`."""
    inputs = [TensorSpec(INPUT, "INT32", (NUMBERS,), "what is summed")]
    outputs = [TensorSpec("sum", "INT64", (1,), "of the row")]
    model = BareModel(MODEL, SummingDevice(), inputs=inputs, outputs=outputs)
    loaded = local.load(config)
    return replace(loaded, networks={**loaded.networks, MODEL: model})


async def main() -> None:
    """Serve until SIGTERM, or until the device is lost."""
    stop = asyncio.Event()
    on_stop(stop.set)
    config = load_config(os.environ, InferenceConfig, prefix=PREFIX)
    start_logging("inference", level=config.log_level)
    await local.serve(config, stop, load=load)


if __name__ == "__main__":
    asyncio.run(main())

"""A real worker with a network more that costs nothing: `python -m tests.faults.summing`."""

import asyncio
from dataclasses import replace

from inference.config import InferenceConfig
from inference.pool import local
from inference.pool.local import Loaded
from tests.e2e.small_pool import main
from tests.inference.oip.serving import summing


def load(config: InferenceConfig) -> Loaded:
    """Open the models, and add `sum`."""
    loaded = local.load(config)
    return replace(loaded, networks={**loaded.networks, "sum": summing()})


if __name__ == "__main__":
    asyncio.run(main(load))

"""`python -m benchmarks.servers.rapt_worker`: a real worker with the sleep model, or with networks.

Everything is as in `python -m inference serve` but for two things: the device, and that rows are
thrown away, because the store is not part of the question.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from rapt.signals import on_stop
from rapt.telemetry import start_logging

from analytics.facts import Row
from benchmarks.servers.counted import CountedDevice
from benchmarks.servers.inside.sleep_model import MODEL, SleepModel
from benchmarks.servers.sleeping import SleepDevice, sleep_rows
from inference.metrics import Metrics
from inference.models.folder import ModelFolder
from inference.perception.networks import Provider
from inference.perception.pipeline import Pipeline
from inference.server import Door
from inference.worker import Parts, Worker


class NoStore:
    """Takes rows and forgets them."""

    async def save(self, rows: Sequence[Row]) -> int:
        """Return how many there were, as if they were on disk."""
        return len(rows)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--counts", required=True, help="file for how often it ran")
    parser.add_argument("--picture", type=Path, required=True, help="what every frame is")
    parser.add_argument("--models", default="", help="built models; the sleep model without them")
    parser.add_argument("--provider", choices=get_args(Provider), default="auto")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    start_logging("inference", level="warning")
    asyncio.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    on_stop(stop.set)
    parts = _networks(arguments) if arguments.models else await _asleep(arguments)
    worker = Worker(parts, door=Door(arguments.listen), drain_s=1.0)
    await worker.run(stop, warm_up=arguments.picture.read_bytes())


async def _asleep(arguments: argparse.Namespace) -> Parts:
    model = SleepModel(arguments.scale, arguments.counts)
    rows = sleep_rows(model, arguments.picture.stat().st_size)
    await rows.warm_up()
    return Parts(SleepDevice(model), NoStore(), Metrics(), "asleep", {MODEL: rows})


def _networks(arguments: argparse.Namespace) -> Parts:
    folder = ModelFolder(Path(arguments.models))
    pipeline = Pipeline.load(folder, arguments.provider, arguments.threads)
    return Parts(CountedDevice(pipeline, arguments.counts), NoStore(), Metrics(), folder.version)


if __name__ == "__main__":
    main()

"""`python -m inference serve`: one inference worker, or a pool of them, until SIGTERM.

`python -m inference explain HOST:PORT` asks a running one, at the address of its metrics, why its
last batches were cut where they were.

Settings are environment variables that start with `RAPT_INFERENCE_`; see `inference.config`.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace
from prometheus_client import disable_created_metrics
from rapt.config import load_config
from rapt.crashes import leave_no_dump
from rapt.errors import Misconfigured, RaptError
from rapt.explained import explanations_at, sentence
from rapt.polling import keep_polling
from rapt.signals import on_stop
from rapt.telemetry import start_logging

from inference.config import PREFIX, InferenceConfig
from inference.pool import local, on_ray


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; 0 is success, 1 is a sentence on standard error."""
    wishes = _parser().parse_args(arguments)
    leave_no_dump()
    failure: BaseException | None = None
    try:
        if wishes.command == "explain":
            _explain(wishes.address)
            return 0
        config = load_config(environ, InferenceConfig, prefix=PREFIX)
        config = replace(
            config, pool=wishes.pool or config.pool, workers=wishes.workers or config.workers
        )
        if not config.store_url:
            raise Misconfigured(f"set {PREFIX}STORE_URL to http://writer:password@host:8123/rapt")
        start_logging("inference", level=config.log_level)
        asyncio.run(_serve(config))
    except* RaptError as group:
        failure = group
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    if failure is not None:
        sys.stderr.write(f"inference: {failure}\n")
    return int(failure is not None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve Perception.Observe until SIGTERM")
    serve.add_argument("--pool", choices=("local", "ray"), help="where the workers run")
    serve.add_argument("--workers", type=int, help="how many a Ray pool begins with")
    explain = commands.add_parser("explain", help="say why the last batches were cut")
    explain.add_argument("address", help="of the worker's metrics, host:port")
    return parser


def _explain(address: str) -> None:
    for row in explanations_at(address):
        sys.stdout.write(sentence(row) + "\n")


async def _serve(config: InferenceConfig) -> None:
    stop = asyncio.Event()
    on_stop(stop.set)
    keep_polling()
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, unasked
    if config.pool == "local":
        await local.serve(config, stop)
        return
    await on_ray.serve(config, stop, joined=lambda: on_stop(stop.set))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:], os.environ))

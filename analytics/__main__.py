"""Start here: `python -m analytics serve | migrate | upkeep | check | rebuild`.

serve    serve the embedded store over ClickHouse's HTTP protocol
migrate  bring the schema of the store to the newest version
upkeep   migrate, then look after the store until SIGTERM; `serve` does the same by itself
check    say whether the store is well; exit status 1 if not
rebuild  compute the bins of every content anew

All but the first speak to RAPT_ANALYTICS_STORE_URL, or to the embedded store that is running.
"""

import argparse
import asyncio
import contextlib
import os
import sys

import msgspec
from prometheus_client import REGISTRY, disable_created_metrics
from rapt.config import load_config
from rapt.endpoint import Endpoint
from rapt.errors import RaptError
from rapt.signals import on_stop
from rapt.telemetry import start_logging

from analytics.client import ClientConfig
from analytics.config import PREFIX, AnalyticsConfig
from analytics.health import findings
from analytics.migrate import migrate
from analytics.rollup import all_contents, recompute
from analytics.store import Store
from analytics.upkeep import keep_up


def main(arguments: list[str]) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["serve", "migrate", "upkeep", "check", "rebuild"])
    command = parser.parse_args(arguments).command
    start_logging("analytics")
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, unasked
    try:
        config = load_config(os.environ, AnalyticsConfig, prefix=PREFIX)
        start_logging("analytics", level=config.log_level)
        match command:
            case "serve":
                from analytics.serving import serve  # noqa: PLC0415  only here an engine is needed

                asyncio.run(serve(config))
            case "migrate":
                _migrate(_client(config))
            case "upkeep":
                _migrate(_client(config))
                asyncio.run(_upkeep(config))
            case "check":
                return asyncio.run(_check(_client(config)))
            case _:
                asyncio.run(_rebuild(_client(config)))
    except RaptError as error:
        print(f"analytics: {error}", file=sys.stderr)  # noqa: T201  for the person at the terminal
        return 1
    return 0


def _client(config: AnalyticsConfig) -> ClientConfig:
    """Return how to reach the store that is meant."""
    if config.store_url:
        return ClientConfig.parse(config.store_url)
    return ClientConfig.embedded(config)


def _migrate(client: ClientConfig) -> None:
    """Bring the schema to the newest version; the database need not be there yet."""
    store = Store(msgspec.structs.replace(client, database="default"))
    with asyncio.Runner() as runner:
        try:
            applied = migrate(lambda sql: runner.run(store.execute(sql)), client.database)
        finally:
            runner.run(store.close())
    for name in applied or ["nothing to do"]:
        print(name)  # noqa: T201  the command's answer


async def _upkeep(config: AnalyticsConfig) -> None:
    """Look after the store until SIGTERM or SIGINT."""
    if config.metrics_listen is not None:
        Endpoint(config.metrics_listen, REGISTRY, setting=f"{PREFIX}METRICS_LISTEN")
    async with Store(_client(config)) as store:
        upkeep = asyncio.ensure_future(keep_up(store, config))
        on_stop(upkeep.cancel)
        with contextlib.suppress(asyncio.CancelledError):  # our own, by the signal
            await upkeep


async def _check(client: ClientConfig) -> int:
    """Print what was found; return 1 if anything is not good."""
    async with Store(client) as store:
        found = await findings(store, client.database)
    for finding in found:
        print("ok  " if finding.is_good else "BAD ", finding.name, finding.figure)  # noqa: T201  the command's answer
    return 0 if all(finding.is_good for finding in found) else 1


async def _rebuild(client: ClientConfig) -> None:
    """Compute the bins of every content anew."""
    async with Store(client) as store:
        contents = await all_contents(store)
        for content in contents:
            await recompute(store, content)
    print(f"{len(contents)} contents")  # noqa: T201  the command's answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

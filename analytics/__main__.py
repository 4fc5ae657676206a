"""Start here: `python -m analytics serve | migrate`."""

import argparse
import asyncio
import os
import sys

from rapt.config import load_config
from rapt.errors import RaptError
from rapt.telemetry import start_logging

from analytics.config import PREFIX, AnalyticsConfig


def main(arguments: list[str]) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m analytics", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the embedded store over ClickHouse's HTTP protocol")
    commands.add_parser("migrate", help="bring the schema of the store to the newest version")
    chosen = parser.parse_args(arguments).command
    start_logging("analytics")
    try:
        config = load_config(os.environ, AnalyticsConfig, prefix=PREFIX)
        if chosen == "serve":
            from analytics.serving import serve  # noqa: PLC0415  an external store has no engine here

            asyncio.run(serve(config))
    except RaptError as error:
        print(f"analytics: {error}", file=sys.stderr)  # noqa: T201  for the person at the terminal
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How much was ever written to Ray's object store? `python -m tests.e2e.ray_store HOST:PORT`.

Prints the bytes of all objects since the cluster began, as its own nodes count them. Results of
less than 100 kB travel inside of calls and are none: so a test that looks here sends more.
With `--put` an object of so many bytes is written first, which shows that it would be seen.
"""

import argparse
import os
import sys
from typing import Any

from inference.pool import environment


def main() -> None:
    """Ask the cluster."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--put", type=int, default=0)
    wishes = parser.parse_args()
    environment.prepare(wishes.address)
    import ray  # noqa: PLC0415  it reads the environment
    from ray._private import internal_api  # noqa: PLC0415  no public API without dashboard

    if wishes.put:
        ray.init(address=wishes.address, log_to_driver=False)
        kept = ray.put(os.urandom(wishes.put))
    ask: Any = internal_api  # without types
    state = ask.get_state_from_address(wishes.address)
    stored_bytes = ask.get_memory_info_reply(state).store_stats.cumulative_created_bytes
    sys.stdout.write(f"{stored_bytes}\n")
    if wishes.put:
        del kept


if __name__ == "__main__":
    main()

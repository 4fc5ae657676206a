"""What is running: `run.json` in the data folder, written by `./rapt up`, mode 0600.

Whoever needs an address or the local access token reads it here: demo, benchmarks, tests.
"""

import os
from pathlib import Path

import msgspec

from rapt.errors import Unavailable

FILE_NAME = "run.json"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the running services and the right to use them."""

    pid: int
    """Process id of `./rapt up`."""
    gateway_url: str
    """For example "http://127.0.0.1:8000"."""
    inference_address: str
    """For example "127.0.0.1:50051" (gRPC)."""
    store_url: str
    """ClickHouse HTTP with the reader's name and password in it."""
    redis_url: str
    """For example "redis://127.0.0.1:6379/0"."""
    local_token: str
    """Bearer token of the person who started it; opens sessions and makes content."""
    pids: dict[str, int]
    """Process id of each service by its name: valkey, store, inference, gateway."""
    metrics: dict[str, str] = {}
    """Where each of them shows what it counts: URL by name; workers of a pool are in Redis."""


def write_running(data: Path, running: Running) -> None:
    """Replace `run.json` at once, readable by its owner alone."""
    part = data / (FILE_NAME + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(running)))
    part.replace(data / FILE_NAME)


def read_running(data: Path) -> Running:
    """Return what runs with this data folder.

    Raises:
        Unavailable: nothing runs there; says how to start it.
    """
    try:
        return msgspec.json.decode((data / FILE_NAME).read_bytes(), type=Running)
    except FileNotFoundError as error:
        raise Unavailable(
            f"nothing runs with the data folder {data}; start it with ./rapt up"
        ) from error

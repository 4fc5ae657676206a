"""Everywhere a camera picture could have been kept: files, Valkey's values, the store's rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import redis
from rapt.running import Running

from tests.house.pictures import Picture, pictures_in, pictures_under

UPLOADS = frozenset({"media"})  # videos that people put there themselves


def kept_pictures(data: Path, running: Running) -> list[Picture]:
    """Search all of them."""
    return [
        *pictures_under(data, besides=UPLOADS),
        *pictures_in_valkey(running.redis_url),
        *pictures_in_store(running.store_url),
    ]


def pictures_in_valkey(url: str) -> list[Picture]:
    """Search every key and value."""
    found: list[Picture] = []
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            found += pictures_in(key + b"\n" + _value_of(client, key), f"valkey {key!r}")
    return found


def pictures_in_store(url: str) -> list[Picture]:
    """Search every row of every table of ours, unpacked: a column's file may hide them."""
    found: list[Picture] = []
    for table in _asked(url, "SHOW TABLES FORMAT TSV").decode().split():
        rows = _asked(url, f"SELECT * FROM {table} FORMAT RowBinary")  # noqa: S608  its own names
        found += pictures_in(rows, f"store {table}")
    return found


def _value_of(client: redis.Redis, key: bytes) -> bytes:
    """Return everything below a key as one run of bytes."""
    readers: dict[bytes, Callable[[bytes], Any]] = {  # each kind of value has its own shape
        b"none": lambda _: None,  # its time was over between the search and this look
        b"string": client.get,
        b"hash": client.hgetall,
        b"stream": client.xrange,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1),
    }
    kind = client.type(key)
    assert isinstance(kind, bytes)
    return _flat(readers[kind](key))


def _flat(value: Any) -> bytes:  # what a client answers: bytes in any nesting
    if isinstance(value, bytes):
        return value
    parts = value.items() if isinstance(value, dict) else value or ()
    return b"\n".join(_flat(part) for part in parts)


def _asked(url: str, statement: str) -> bytes:
    parts = urlsplit(url)
    answer = httpx.post(
        f"http://{parts.hostname}:{parts.port}/",
        params={"database": parts.path.strip("/"), "query": statement},
        auth=(parts.username or "", parts.password or ""),
        timeout=30,
    )
    answer.raise_for_status()
    return answer.content

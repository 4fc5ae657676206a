"""Which worker carries a session? Weighted rendezvous hashing over what the workers announce.

Pure. Every gateway comes to the same answer by itself. Each worker gets a score for the session,
`-capacity / ln(u)` with u from the hash of both in (0, 1); the highest carries it, the second is
asked when the first refuses. So shares follow capacity, and a worker that comes or goes moves only
its own sessions.
Source: Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005.
"""

import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal

import msgspec

RENEW_S = 1.0
"""A worker announces itself this often."""
LIFE_S = 5.0
"""An announcement that is not renewed for so long is void."""
KEY = "inference:{workers}"
"""Set of all names in Redis; the braces keep every key of the registry in one slot."""
ANNOUNCED = "registry"
"""Stands in a gateway's settings for the addresses of workers that announce themselves."""

State = Literal["warming", "ready", "draining"]


class WorkerEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one worker announces."""

    name: str
    """Its place in the pool; a process that replaces another one takes over its name."""
    address: str
    """Where gateways reach it: host:port."""
    fence: int = 0
    """When the process behind the name began, microseconds of Redis's clock; the newest holds."""
    pid: int = 0
    """Its process, on its own machine; 0 = unknown."""
    state: State = "ready"
    device: str = ""
    """ONNX Runtime's name of what it runs on."""
    model: str = ""
    """Version of its weights."""
    capacity: float = 1.0
    """Frames a second that it can carry."""
    load: float = 0.0
    """Share of its device that its streams need where none is asked for fewer frames, or that what
    arrives needs, whichever is larger: 0..1. Not how busy it is."""
    streams: int = 0
    """Open Observe calls."""
    refused: int = 0
    """Openings refused for want of room since it started."""
    fresh_share: float = 1.0
    """Share of the last seconds of playing with a camera that have a verdict."""
    age_p95_s: float = 0.0
    """95th percentile of the last frames' age at their verdict."""
    metrics: str = ""
    """Where its Prometheus endpoint is: host:port; empty = nowhere."""


def key_of(name: str) -> str:
    """Return where the entry of a worker stands in Redis."""
    return f"{KEY}:{name}"


def static_entries(addresses: Iterable[str]) -> tuple[WorkerEntry, ...]:
    """Return entries for workers that announce nothing: all ready, all alike."""
    return tuple(WorkerEntry(name=address, address=address) for address in addresses)


def in_order(session_id: int, workers: Iterable[WorkerEntry]) -> list[WorkerEntry]:
    """Return the workers that take sessions, the one to carry this session first."""
    ready = [worker for worker in workers if worker.state == "ready" and worker.capacity > 0]
    return sorted(ready, key=lambda worker: (-_score(session_id, worker), worker.name))


def _score(session_id: int, worker: WorkerEntry) -> float:
    digest = blake2b(f"{session_id} {worker.name}".encode(), digest_size=8).digest()
    u = (int.from_bytes(digest, "big") + 0.5) / 2**64
    return -worker.capacity / math.log(min(u, 1 - 2**-53))

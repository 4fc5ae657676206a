"""The hub across processes, on Redis Streams.

16 streams; a topic's stream is crc32(topic) % 16. One reader hears them all, survives any outage
and goes on where it was; topics whose entries were trimmed meanwhile are told to resync.
Listeners of this process hear states at once, without Redis, so that one process alone misses
nothing while Redis is away. Full: an unsent state is replaced by a newer one; a state that cannot
be sent is dropped and counted.
"""

import asyncio
import secrets
import time
from typing import Any
from zlib import crc32

import structlog
from rapt.backoff import Backoff
from rapt.errors import Unavailable
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from gateway.live.fanout import Fanout, Subscription
from gateway.live.hub import SNAPSHOT_S
from gateway.metrics import Metrics

log = structlog.get_logger()

SHARDS = 16
MAX_ENTRIES = 10_000  # of one stream, about
BLOCK_S = 5.0
COUNT = 500
WRITE_S = 2.0  # an answer that takes longer counts as none
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 4.0
CANCEL_S = 0.1

_AWAY = (RedisError, OSError, TimeoutError)


class RedisHub:
    """Publishes to and hears every process with the same Redis."""

    def __init__(self, url: str, metrics: Metrics) -> None:
        self._metrics = metrics
        self._origin = secrets.token_hex(8)
        self._fanout = Fanout()
        # The reader's connection may be silent for as long as it blocks.
        self._reader = _client(url, timeout_s=BLOCK_S + WRITE_S)
        self._writer = _client(url, timeout_s=WRITE_S)
        self._unsent: dict[tuple[str, str], bytes] = {}
        self._has_unsent = asyncio.Event()
        self._last_ids: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.is_up = False

    async def start(self) -> None:
        """Begin to read and to write; both go on for ever."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    async def stop(self) -> None:
        """Hear nothing more."""
        for task in self._tasks:
            while not task.done():  # redis-py swallows a cancellation that meets an answer
                task.cancel()
                await asyncio.wait([task], timeout=CANCEL_S)
        await self._reader.aclose()
        await self._writer.aclose()

    def subscribe(self, topic: str) -> Subscription:
        """Listen to a topic from now on."""
        return self._fanout.subscribe(topic)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Listen no more."""
        self._fanout.unsubscribe(subscription)

    def publish_state(self, topic: str, key: str, payload: bytes) -> None:
        """Tell the latest value of a key: here at once, elsewhere as soon as Redis takes it."""
        self._fanout.put_state(topic, key, payload)
        self._unsent[topic, key] = payload
        self._has_unsent.set()

    async def publish_log(self, topic: str, payload: bytes) -> None:
        """Tell what happened, in order, here and elsewhere.

        Raises:
            Unavailable: Redis is away, so nobody heard it.
        """
        fields = {b"topic": topic.encode(), b"lane": b"log", b"payload": payload}
        try:
            async with asyncio.timeout(WRITE_S):
                await self._append(topic, fields)
        except _AWAY as error:
            self._metrics.hub_dropped.labels(lane="log").inc()
            raise Unavailable("live messages cannot be sent right now; try again") from error

    async def snapshot(self, topic: str) -> dict[str, bytes]:
        """Return the latest value of every key; what is unsent counts, too."""
        unsent = {key: payload for (t, key), payload in self._unsent.items() if t == topic}
        try:
            async with asyncio.timeout(WRITE_S):
                # Redis's type is that of a client that decodes; ours does not.
                stored: Any = await self._writer.hgetall(_state_key(topic))
        except _AWAY:
            return unsent
        return {_text(key): payload for key, payload in stored.items()} | unsent

    async def state(self) -> str:
        """Return "ok", or in a few words what is wrong."""
        try:
            async with asyncio.timeout(WRITE_S):
                await self._writer.ping()
        except _AWAY:
            return "away: live pictures of other gateway processes are missing"
        return "ok" if self.is_up else "the reader is connecting"

    async def _write(self) -> None:
        while True:
            await self._has_unsent.wait()
            self._has_unsent.clear()
            sending, self._unsent = self._unsent, {}
            try:
                async with asyncio.timeout(WRITE_S):
                    await self._send(sending)
            except _AWAY:
                self._metrics.hub_dropped.labels(lane="state").inc(len(sending))

    async def _append(self, topic: str, fields: dict[bytes, bytes]) -> None:
        stream = stream_of(topic)
        for is_last in (False, True):  # a connection from before an outage fails once
            try:
                await self._writer.xadd(stream, fields, maxlen=MAX_ENTRIES)  # type: ignore[arg-type] # its dict is invariant
            except RedisConnectionError:
                if is_last:
                    raise
            else:
                return

    async def _send(self, states: dict[tuple[str, str], bytes]) -> None:
        async with self._writer.pipeline(transaction=False) as pipe:
            for (topic, key), payload in states.items():
                fields = {
                    b"topic": topic.encode(),
                    b"lane": b"state",
                    b"origin": self._origin.encode(),
                    b"key": key.encode(),
                    b"payload": payload,
                }
                pipe.xadd(stream_of(topic), fields, maxlen=MAX_ENTRIES)  # type: ignore[arg-type] # its dict is invariant
                pipe.hset(_state_key(topic), key, payload)
                pipe.expire(_state_key(topic), SNAPSHOT_S)
            await pipe.execute()

    async def _read(self) -> None:
        backoff = Backoff(first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        while True:
            try:
                await self._catch_up()
                self._set_up(is_up=True)
                backoff.succeeded()
                while True:
                    await self._read_once()
            except _AWAY as error:
                if self.is_up:
                    log.warning("hub_lost", reason=type(error).__name__)
                self._set_up(is_up=False)
                await asyncio.sleep(backoff.next_s())

    async def _catch_up(self) -> None:
        """Find where to go on; what was trimmed or lost meanwhile must be read anew."""
        for shard in range(SHARDS):
            stream = f"hub:{{{shard}}}"
            last = self._last_ids.get(stream)
            if last is not None and (
                last == "0-0" or await self._reader.xrange(stream, last, last)
            ):
                continue
            newest: Any = await self._reader.xrevrange(stream, count=1)
            if last is not None:
                self._resync(stream)
            self._last_ids[stream] = _text(newest[0][0]) if newest else "0-0"

    def _resync(self, stream: str) -> None:
        for topic in self._fanout.topics:
            if stream_of(topic) == stream:
                self._fanout.resync(topic)

    async def _read_once(self) -> None:
        wanted = dict(self._last_ids)
        answer = await self._reader.xread(wanted, count=COUNT, block=int(BLOCK_S * 1000))  # type: ignore[arg-type] # its dict is invariant
        for stream, entries in _streams(answer):
            for entry_id, fields in entries:
                self._last_ids[stream] = entry_id.decode()
                self._hear(fields)
            if entries:
                sent_ms = int(entries[-1][0].split(b"-")[0])
                self._metrics.hub_lag.set(max(0.0, time.time() - sent_ms / 1000))

    def _hear(self, fields: dict[bytes, bytes]) -> None:
        topic = fields[b"topic"].decode()
        if fields[b"lane"] == b"log":
            behind = self._fanout.put_log(topic, fields[b"payload"])
            if behind:
                self._metrics.hub_dropped.labels(lane="log").inc(behind)
        elif fields[b"origin"] != self._origin.encode():  # our own was heard when it was published
            self._fanout.put_state(topic, fields[b"key"].decode(), fields[b"payload"])

    def _set_up(self, *, is_up: bool) -> None:
        self.is_up = is_up
        self._metrics.hub_up.set(is_up)


def stream_of(topic: str) -> str:
    """Return the stream that carries a topic."""
    return f"hub:{{{crc32(topic.encode()) % SHARDS}}}"


def _state_key(topic: str) -> str:
    return f"hub:state:{{{crc32(topic.encode()) % SHARDS}}}:{topic}"


def _text(value: bytes) -> str:
    return value.decode()


def _client(url: str, *, timeout_s: float) -> "Redis":
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=WRITE_S,
        retry=Retry(NoBackoff(), 0),  # we wait and try again ourselves
    )


# redis-py answers a list or, with RESP3, a dict of lists of lists; its type says neither.
def _streams(answer: object) -> list[tuple[str, list[tuple[bytes, dict[bytes, bytes]]]]]:
    if isinstance(answer, dict):
        return [
            (name.decode(), [e for page in pages for e in page]) for name, pages in answer.items()
        ]
    if isinstance(answer, list):
        return [(name.decode(), entries) for name, entries in answer]
    return []

"""ClickHouse's HTTP protocol in front of the embedded engine, as an ASGI application.

Stock clients speak to it as to a server, so embedded and clustered differ by a URL only.
At most `max_queries` statements run at once and none waits: the next one gets 503 with code 202,
which clients repeat. Every refusal has its status, its ClickHouse number and a counter.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec
import structlog
from prometheus_client import Counter, Gauge, Histogram, generate_latest

from analytics.config import AnalyticsConfig
from analytics.engine import Answer, Ask, EngineError
from analytics.request import Account, TooLarge, account_of, asked, packed, unpacked
from analytics.statements import Refused

# ASGI's own types: a message is a mapping of anything.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PIECE_BYTES = 1 << 20  # a larger answer leaves in pieces, so that a slow reader slows us
PACK_BYTES = 1 << 10  # a smaller answer is not worth packing

log = structlog.get_logger(__name__)

STATEMENTS = Counter(
    "rapt_store_statements", "Statements by account and result.", ["account", "result"]
)
SECONDS = Histogram("rapt_store_statement_seconds", "Time in the engine.", ["account"])
RUNNING = Gauge("rapt_store_statements_running", "Statements in the engine now.")
REFUSED = Counter("rapt_store_refused", "Requests refused before the engine.", ["reason"])
ROWS_WRITTEN = Counter("rapt_store_rows_written", "Rows of inserts that the engine took.")


class Runs(Protocol):
    """What can run a statement."""

    def run(self, ask: Ask) -> Answer:
        """Run it or raise `EngineError`."""


class StoreApp:
    """The application. `close` waits for the statements under way."""

    def __init__(self, engine: Runs, config: AnalyticsConfig) -> None:
        self._engine = engine
        self._config = config
        self._passwords: dict[Account, str] = {
            "writer": config.writer_password,
            "reader": config.reader_password,
        }
        self._running = 0
        self._threads = ThreadPoolExecutor(config.max_queries, thread_name_prefix="statement")

    def close(self) -> None:
        """Wait until the last statement is done."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is served here, not {scope['type']}")
        reply = Reply(send)
        path, method = scope["path"], scope["method"]
        if path == "/ping":
            await reply.text(200, "Ok.\n")
        elif path == "/metrics":
            await reply.text(200, generate_latest().decode())
        elif path != "/" or method not in {"GET", "POST"}:
            await reply.text(404, "There is / for statements, /ping and /metrics.\n")
        else:
            await self._statement(scope, receive, reply)

    async def _statement(self, scope: Message, receive: Receive, reply: "Reply") -> None:
        """Check who asks what, run it, answer."""
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        account = account_of(headers.get("authorization", ""), self._passwords)
        if account is None:
            await reply.refuse(401, Refused(516, "Authentication failed. (AUTHENTICATION_FAILED)"))
            return
        args = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            body = await read_body(receive, headers, max_bytes=self._config.max_body_bytes)
        except TooLarge as error:
            await reply.refuse(413, Refused(307, str(error)))
            return
        except ValueError as error:
            await reply.refuse(400, Refused(354, str(error)))
            return
        want = asked(args, body, account, self._config)
        if isinstance(want, Refused):
            await reply.refuse(403 if want.code in {164, 497} else 400, want)
            return
        if self._running >= self._config.max_queries:
            await reply.refuse(503, Refused(202, "Too many statements at once"), retry_after="1")
            return
        await self._run(want.ask, account, args, reply, accept=headers.get("accept-encoding", ""))

    async def _run(
        self, ask: Ask, account: Account, args: Mapping[str, str], reply: "Reply", *, accept: str
    ) -> None:
        """Run a statement in a thread and send its answer."""
        self._running += 1
        RUNNING.inc()
        began_s = time.perf_counter()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._engine.run, ask)
        work.add_done_callback(self._done)  # not in `finally`: a client may leave before the engine
        try:
            answer = await asyncio.shield(work)
        except EngineError as error:
            STATEMENTS.labels(account, "error").inc()
            await reply.refuse(500, Refused(error.number, str(error)))
            return
        finally:
            SECONDS.labels(account).observe(time.perf_counter() - began_s)
        STATEMENTS.labels(account, "done").inc()
        ROWS_WRITTEN.inc(answer.rows_written)
        body, encoding = answer.body, ""
        if len(body) > PACK_BYTES and args.get("enable_http_compression") == "1":
            body, encoding = await asyncio.to_thread(packed, body, accept)
        await reply.answer(answer, body, ask.format, encoding, args.get("query_id", ""))

    def _done(self, work: "asyncio.Future[Answer]") -> None:
        """Give the place back."""
        self._running -= 1
        RUNNING.dec()
        if not work.cancelled():
            work.exception()  # seen: nobody may be waiting any more


class Reply:
    """One HTTP answer. Head and body are handed over together."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def text(self, status: int, text: str) -> None:
        """Send plain text."""
        await self._whole(status, {"content-type": "text/plain; charset=UTF-8"}, text.encode())

    async def refuse(self, status: int, refused: Refused, *, retry_after: str = "") -> None:
        """Send an exception as ClickHouse does."""
        if status != 500:  # noqa: PLR2004  500 comes from the engine and is counted there
            REFUSED.labels(str(refused.code)).inc()
        reason = refused.reason
        if not reason.startswith("Code: "):
            reason = f"Code: {refused.code}. DB::Exception: {reason}"
        head = {
            "content-type": "text/plain; charset=UTF-8",
            "x-clickhouse-exception-code": str(refused.code),
        }
        if retry_after:
            head["retry-after"] = retry_after
        await self._whole(status, head, reason.encode() + b"\n")

    async def answer(
        self, answer: Answer, body: bytes, form: str, encoding: str, query_id: str
    ) -> None:
        """Send what a statement gave."""
        summary = {
            "read_rows": str(answer.rows_read),
            "read_bytes": str(answer.bytes_read),
            "written_rows": str(answer.rows_written),
            "written_bytes": str(answer.bytes_written),
        }
        head = {
            "content-type": "application/octet-stream",
            "x-clickhouse-format": form,
            "x-clickhouse-query-id": _header_text(query_id) or str(uuid.uuid4()),
            "x-clickhouse-summary": msgspec.json.encode(summary).decode(),
        }
        if encoding:
            head["content-encoding"] = encoding
        await self._whole(200, head, body)

    async def _whole(self, status: int, head: dict[str, str], body: bytes) -> None:
        head |= {
            "content-length": str(len(body)),
            "x-clickhouse-server-display-name": "rapt",
            "x-clickhouse-timezone": "UTC",
        }
        headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in head.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        for at in range(0, max(len(body), 1), PIECE_BYTES):
            piece, more = body[at : at + PIECE_BYTES], at + PIECE_BYTES < len(body)
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})


async def read_body(receive: Receive, headers: Mapping[str, str], *, max_bytes: int) -> bytes:
    """Return the unpacked body.

    Raises:
        TooLarge: it is larger than allowed, as sent or unpacked.
        ValueError: it is cut, or not packed as its head says.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ValueError("the client left in the middle of the body")
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise TooLarge(f"the body has more than {max_bytes} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            break
    encoding = headers.get("content-encoding", "")
    if not encoding:
        return b"".join(parts)
    return await asyncio.to_thread(unpacked, b"".join(parts), encoding, max_bytes=max_bytes)


def _header_text(text: str) -> str:
    """Return the text if it may stand in a header, else nothing."""
    return text if text.isascii() and text.isprintable() else ""

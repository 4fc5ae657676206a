"""Where a process shows what it counts: `/metrics` for Prometheus, and further pages as JSON.

An HTTP server of its own, answered by threads, so that a busy event loop is still seen. It only
shows, and never what belongs to a tenant; without a wish of the operator it is on loopback.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import CollectorRegistry, make_wsgi_app

from rapt.address import Address, parse_address
from rapt.errors import Misconfigured

METRICS = "/metrics"
MAX_QUESTIONS = 16  # at once; a few Prometheus servers and people
PATIENCE_S = 5.0

# WSGI's own types: its environment is a dictionary of anything.
Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]


class Endpoint:
    """The HTTP server of one process."""

    def __init__(self, listen: str, registry: CollectorRegistry, *, setting: str) -> None:
        """Listen, and answer from now on.

        Args:
            listen: host and port; port 0 takes a free one.
            registry: what `/metrics` shows.
            setting: where `listen` stands, for the message.

        Raises:
            Misconfigured: the address is no address, or is taken.
        """
        address = parse_address(listen, setting=setting, min_port=0)
        self._metrics: Application = make_wsgi_app(registry)
        self._pages: dict[str, Callable[[], object]] = {}
        kind = _Server6 if ":" in address.host else _Server
        try:
            self._server = make_server(address.host, address.port, self._answer, kind, _Handler)
        except OSError as error:
            raise Misconfigured(
                f"cannot serve metrics on {listen!r}: {error}; set {setting}"
            ) from error
        self.address = Address(address.host, self._server.server_port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )
        self._thread.start()

    def show(self, path: str, page: Callable[[], object]) -> None:
        """Add a page; it is asked for its content, in a thread, whenever somebody looks."""
        self._pages[path] = page

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: Environment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == METRICS:
            return self._metrics(environ, start)
        page = self._pages.get(path)
        if page is None:
            start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"There is {', '.join([METRICS, *sorted(self._pages)])}.\n".encode()]
        body = msgspec.json.encode(page())
        start("200 OK", [("Content-Type", "application/json")])
        return [body]


class _Server(ThreadingMixIn, WSGIServer):
    """One thread for each question, and no more than `MAX_QUESTIONS`."""

    daemon_threads = True

    def server_bind(self) -> None:
        """Listen, without asking anybody for our name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # an IP address has both
        self._room = threading.BoundedSemaphore(MAX_QUESTIONS)
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hang up on whoever comes when there is no room."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()


class _Server6(_Server):
    """The same where the host has colons."""

    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    """Says nothing about each question, and waits for none that does not come."""

    timeout = PATIENCE_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Keep quiet."""

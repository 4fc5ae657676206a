"""Where a process shows what it counts."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families
from rapt.endpoint import MAX_QUESTIONS, Endpoint
from rapt.errors import Misconfigured

from tests.waiting import wait_until


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Return one with one series and one page."""
    registry = CollectorRegistry()
    Gauge("rapt_toys", "Toys", registry=registry).set(3)
    endpoint = Endpoint("127.0.0.1:0", registry, setting="RAPT_TOY_METRICS_LISTEN")
    endpoint.show("/toys", lambda: [{"name": "bear"}])
    yield endpoint
    endpoint.close()


def test_metrics_are_in_prometheus_format(endpoint: Endpoint) -> None:
    """Its own parser reads them."""
    page = httpx.get(f"http://{endpoint.address}/metrics").text
    (family,) = text_string_to_metric_families(page)
    assert (family.name, family.samples[0].value) == ("rapt_toys", 3)


def test_pages_are_json_and_nothing_else_is_there(endpoint: Endpoint) -> None:
    """Whoever asks for another one is told which there are."""
    assert httpx.get(f"http://{endpoint.address}/toys").json() == [{"name": "bear"}]
    missing = httpx.get(f"http://{endpoint.address}/secrets")
    assert (missing.status_code, missing.text) == (404, "There is /metrics, /toys.\n")


def test_an_address_that_is_taken_is_named() -> None:
    """With the setting to change."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Misconfigured, match="RAPT_TOY"):
            Endpoint(f"127.0.0.1:{other.getsockname()[1]}", CollectorRegistry(), setting="RAPT_TOY")


def test_whoever_says_nothing_does_not_keep_others_out(endpoint: Endpoint) -> None:
    """Beyond the room there is, a connection is closed at once; room comes back."""
    address = (endpoint.address.host, endpoint.address.port)
    silent = [socket.create_connection(address) for _ in range(MAX_QUESTIONS)]
    with socket.create_connection(address) as late:
        late.settimeout(60)
        late.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert _heard(late) == b""
    for one in silent:
        one.close()
    wait_until(lambda: _answers(f"http://{endpoint.address}/metrics"), "there is room again")


def _heard(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1)
    except ConnectionResetError:
        return b""


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _has_version_six() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_version_six(), reason="this machine has no ::1")
def test_the_loopback_of_version_six_will_do() -> None:
    """Where the machine has one."""
    endpoint = Endpoint("[::1]:0", CollectorRegistry(), setting="")
    assert httpx.get(f"http://{endpoint.address}/metrics").status_code == 200
    endpoint.close()

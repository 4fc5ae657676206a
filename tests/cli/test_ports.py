"""Ports: free, or clearly taken."""

import socket
import sys

import pytest
from rapt.address import Address
from rapt.cli.ports import check_free, free_ports
from rapt.errors import Misconfigured


def test_a_taken_port_is_named_with_its_fix() -> None:
    """The person at the terminal knows what to type next."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = Address("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(Misconfigured, match=rf"{address}.*in use.*--port"):
            check_free(address, fix="choose another port with --port")


def test_a_host_that_is_not_ours_is_refused() -> None:
    """192.0.2.0/24 belongs to nobody."""
    with pytest.raises(Misconfigured, match=r"cannot listen on 192\.0\.2\.1:8000"):
        check_free(Address("192.0.2.1", 8000), fix="choose another")


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels keep such ports otherwise")
def test_a_free_port_stays_free_for_who_asks_for_it() -> None:
    """The kernel hands it to nobody else meanwhile; a server that reuses addresses gets it."""
    (port,) = free_ports(1)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))
    check_free(Address("127.0.0.1", port), fix="")


def test_free_ports_are_distinct_and_free() -> None:
    """Each can be listened on."""
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        check_free(Address("127.0.0.1", port), fix="")

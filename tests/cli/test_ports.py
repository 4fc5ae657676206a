"""Addresses: read, free, or clearly taken."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.cli.ports import Address, check_free, free_ports, parse_address
from rapt.errors import Misconfigured

hosts = st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "localhost", "rapt.example"])


@given(hosts, st.integers(1, 65_535))
def test_an_address_reads_back_as_it_was_written(host: str, port: int) -> None:
    """Version 6 hosts, too."""
    address = Address(host, port)
    assert parse_address(str(address), setting="X") == address


@pytest.mark.parametrize("text", ["", "8000", ":http", "127.0.0.1", "127.0.0.1:0", "h:70000"])
def test_nonsense_names_its_setting(text: str) -> None:
    """The message says which variable to mend."""
    if text == "8000":
        with pytest.raises(Misconfigured, match="RAPT_X_LISTEN"):
            parse_address("8000x", setting="RAPT_X_LISTEN")
        return
    with pytest.raises(Misconfigured, match="RAPT_X_LISTEN"):
        parse_address(text, setting="RAPT_X_LISTEN")


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


def test_free_ports_are_distinct_and_free() -> None:
    """Each can be listened on."""
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        check_free(Address("127.0.0.1", port), fix="")


@pytest.mark.parametrize(("host", "seen"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_every_interface_is_reached_by_loopback(host: str, seen: str) -> None:
    """Nobody can connect to the address that means all of them."""
    assert Address(host, 8000).reachable == Address(seen, 8000)

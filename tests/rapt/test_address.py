"""Addresses as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.address import MAX_PORT, Address, parse_address
from rapt.errors import Misconfigured

hosts = st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "localhost", "rapt.example"])


@given(hosts, st.integers(1, MAX_PORT))
def test_an_address_reads_back_as_it_was_written(host: str, port: int) -> None:
    """Version 6 hosts, too."""
    address = Address(host, port)
    assert parse_address(str(address), setting="X") == address


@pytest.mark.parametrize(
    "text", ["", "8000", "8000x", ":8000", ":http", "127.0.0.1", "127.0.0.1:0", "h:70000"]
)
def test_nonsense_names_its_setting(text: str) -> None:
    """The message says which variable to mend; no host never means every interface."""
    with pytest.raises(Misconfigured, match="RAPT_X_LISTEN"):
        parse_address(text, setting="RAPT_X_LISTEN")


def test_any_free_port_is_asked_for_on_purpose() -> None:
    """Only where somebody reads the port back."""
    assert parse_address("127.0.0.1:0", setting="X", min_port=0).port == 0


@pytest.mark.parametrize(("host", "seen"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_every_interface_is_reached_by_loopback(host: str, seen: str) -> None:
    """Nobody can connect to the address that means all of them."""
    assert Address(host, 8000).reachable == Address(seen, 8000)

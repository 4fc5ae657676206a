"""Which address each service listens on."""

import socket
from dataclasses import dataclass

from rapt.errors import Misconfigured

MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable(self) -> "Address":
        """The same service as seen from this machine: nobody connects to 0.0.0.0."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  never bound here
        return Address(loopback.get(self.host, self.host), self.port)


def parse_address(text: str, *, setting: str) -> Address:
    """Read "127.0.0.1:8000".

    Raises:
        Misconfigured: it is no such thing; names the setting.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) <= MAX_PORT:
        raise Misconfigured(f"{setting} is {text!r}; it must look like 127.0.0.1:8000")
    return Address(host.strip("[]"), int(port))


def free_ports(count: int) -> list[int]:
    """Return distinct ports that are free on the loopback interface now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def check_free(address: Address, *, fix: str) -> None:
    """Raise unless we may listen there.

    Args:
        address: where a service is about to listen.
        fix: what to do when another program has it.

    Raises:
        Misconfigured: somebody listens there already, or the host is not ours.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
            probe.listen()
        except OSError as error:
            raise Misconfigured(f"cannot listen on {address}: {error.strerror}; {fix}") from error

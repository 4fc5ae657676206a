"""Where does a service listen, and how is it reached from this machine?"""

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
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  never bound here
        return Address(loopback.get(self.host, self.host), self.port)


def parse_address(text: str, *, setting: str, min_port: int = 1) -> Address:
    """Read "127.0.0.1:8000".

    Args:
        text: host and port.
        setting: where it stands, for the message.
        min_port: 0 where a port of 0 means any free one.

    Raises:
        Misconfigured: it is no such thing; names the setting.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not min_port <= int(port) <= MAX_PORT:
        raise Misconfigured(f"{setting} is {text!r}; it must look like 127.0.0.1:8000")
    return Address(host.strip("[]"), int(port))

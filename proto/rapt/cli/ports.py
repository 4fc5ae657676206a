"""Which ports may we listen on?"""

import socket

from rapt.address import Address
from rapt.errors import Misconfigured


def free_ports(count: int) -> list[int]:
    """Return distinct ports that are free on the loopback interface now.

    Each is left as after a connection that has just ended (TIME_WAIT). For a minute the kernel
    hands such a port to nobody who asks for any; a server that asks for it by its number gets it,
    as after a restart.
    """
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # inherited by what is left
            one.bind(("127.0.0.1", 0))
            one.listen(1)
        for one in held:
            _connect_once(one)
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _connect_once(listening: socket.socket) -> None:
    """Take a connection and end it from our side: whoever ends it first waits."""
    with socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        accepted.close()


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

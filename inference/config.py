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
    """What a gateway must bring; empty, no grants = loopback or a client certificate will do."""
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
    expression_networks: bool = False
    """Whether those of expressions are among them; whoever asks there has no policy pack."""
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
    threads: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Processor threads of a worker; 0 = as many as its cores beside a GPU, else 1."""
    max_wait_s: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.008
    """Seconds that a device with time to spare lets a frame wait for company; 0 = never."""
    fps: Annotated[float, msgspec.Meta(ge=0.5, le=10)] = 2.0
    """Frames a second that a stream is asked for while the device can bear it; blinks need 8."""
    reuse: bool = False
    """Whether a picture like the one before gets its measurements: cheaper and less accurate."""
    slots: Annotated[int, msgspec.Meta(ge=0, le=2)] = 0
    """Batches under way: 1 = one runs, 2 = the next is prepared meanwhile, 0 = as cores allow."""
    metrics_listen: str | None = None
    """Address of the Prometheus endpoint; none without it."""
    traces: str = ""
    """OTLP receiver of traces, gRPC: http://127.0.0.1:4317; empty = none are made."""
    traces_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    """Share of the streams that are recorded, unless their gateway has decided."""
    name: str = ""
    """Place of the worker in its pool; empty = its address, or a number in a Ray pool."""
    redis_url: Secret = Secret("")
    """Redis or Valkey in which the worker says where it is; empty = gateways know its address."""
    advertise: str = ""
    """Host by which gateways reach the worker; empty = the one of `listen`, or the machine's."""
    pool: Literal["local", "ray"] = "local"
    """One worker in this process, or a pool of Ray actors, each with a port of its own."""
    workers: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """Workers of a Ray pool to begin with; 0 = one for each GPU, else as the cores allow."""
    min_workers: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    """Fewest workers of a Ray pool."""
    max_workers: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """Most workers of a Ray pool; 0 = as many as to begin with."""
    worker_cpus: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    """Processor cores that one worker of a Ray pool takes."""
    worker_gpus: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """GPUs that one worker of a Ray pool takes where there are GPUs; 0.5 = two share one."""
    ray_address: str = ""
    """Ray cluster: host:6379, or ray://host:10001; empty = a Ray of our own on this machine."""
    drain_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 4.0
    """Seconds that open calls get to move when the worker stops; all else takes at most 5 more."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe event that is logged."""

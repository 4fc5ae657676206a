"""Every setting of the gateway: `RAPT_GATEWAY_` and the name of the field in capitals.

Only `__main__` reads the environment. Units are in the names.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from rapt.config import Secret

PREFIX = "RAPT_GATEWAY_"

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(gt=0)]


class GatewayConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting, its unit in its name, its default beside it."""

    local_token: Annotated[str, msgspec.Meta(min_length=16)]
    """Bearer token of the person who started Rapt; opens sessions and makes content."""
    ticket_key: Annotated[str, msgspec.Meta(min_length=32)]
    """Key that signs tickets (HS256), at least 32 characters."""
    listen: str = "127.0.0.1:8000"
    """Address of the HTTP and WebSocket server."""
    data: str = ".rapt"
    """Folder of `gateway.sqlite` and `media/`."""
    database_url: str = ""
    """SQLAlchemy address of the database; empty = `gateway.sqlite` in the data folder."""
    inference: Annotated[str, msgspec.Meta(min_length=3)] = "127.0.0.1:50051"
    """Addresses of the inference workers, with commas; `registry` = those in Redis (a pool)."""
    inference_token: Secret = Secret("")
    """What the inference workers want to see; the same as their `token`."""
    inference_ca: str = ""
    """PEM file of the authority that signs the workers' certificates; empty = no TLS to them."""
    inference_certificate: str = ""
    """PEM file of our certificate, for workers that ask for one (mutual TLS)."""
    inference_key: str = ""
    """PEM file of our certificate's private key."""
    oip_token: Secret = Secret("")
    """Further bearer token for the Open Inference Protocol under `/v2`; empty = the local one."""
    store_url: str = "http://reader@127.0.0.1:8123/rapt"
    """ClickHouse HTTP address with the reader's name and password."""
    redis_url: str = ""
    """Redis or Valkey address; empty = one process alone, without Redis."""
    static: str = "web/dist"
    """Folder of the built web app."""
    policy: str = "adult/1"
    """Policy pack and version in force."""
    tenant: Annotated[int, msgspec.Meta(gt=0, lt=2**32)] = 1
    """Institution of everyone who comes with the local token."""
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 400
    """Days to keep facts."""
    camera_keep_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    """Days to keep the values that come from the camera."""
    origins: str = ""
    """Further web origins that may open a WebSocket, with commas between them."""
    media_origins: str = ""
    """Further web origins that videos may come from, with commas between them."""
    max_media_bytes: Count = 2 * 1024**3
    """Largest video file that is accepted."""
    ticket_s: Count = 600
    """Seconds that a ticket is good for."""
    hello_s: Seconds = 5.0
    """Seconds until the first message of a socket must have come."""
    beat_s: Count = 5
    """Seconds between the beats of a page."""
    grace_s: Seconds = 30.0
    """Seconds that a session waits for its browser to come back."""
    last_words_s: Seconds = 5.0
    """The same after the page has said that it closes."""
    close_s: Seconds = 120.0
    """Seconds to try to end a session properly while no worker can be reached."""
    slow_reader_s: Seconds = 10.0
    """Seconds until a browser that takes nothing is disconnected."""
    max_sessions: Count = 5_000
    """Sessions at the same time."""
    max_detached: Count = 1_000
    """Sessions that may wait for their browser at the same time; beyond, the oldest ends."""
    max_waiting_events: Count = 10_000
    """Player events of one session that may wait for their acknowledgement."""
    messages_per_s: Seconds = 100.0
    """Messages of one session a second, besides frames."""
    messages_burst: Count = 500
    """The same at once, so that a page can send again what a cut left unacknowledged."""
    frames_per_s: Seconds = 30.0
    """Frames of one session a second."""
    traces: str = ""
    """OTLP receiver of traces, gRPC: http://127.0.0.1:4317; empty = none are made."""
    traces_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    """Share of the sessions that are recorded, here and by their workers."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe event that is logged."""
    pulse_k: Count = 5
    """Fewest students of whom a pulse is told."""

    def __repr__(self) -> str:
        return f"GatewayConfig(listen={self.listen!r}, data={self.data!r})"

    @property
    def data_path(self) -> Path:
        """Folder of everything that the gateway keeps."""
        return Path(self.data)

    @property
    def media_path(self) -> Path:
        """Folder of the video files."""
        return self.data_path / "media"

    @property
    def static_path(self) -> Path:
        """Folder of the built web app."""
        return Path(self.static)

    @property
    def inference_addresses(self) -> tuple[str, ...]:
        """Each worker's address."""
        return _split(self.inference)

    @property
    def database_address(self) -> str:
        """Where SQLAlchemy connects."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_path / 'gateway.sqlite'}"

    @property
    def extra_origins(self) -> tuple[str, ...]:
        """Web origins besides our own."""
        return _split(self.origins)

    @property
    def extra_media_origins(self) -> tuple[str, ...]:
        """Web origins of videos besides our own."""
        return _split(self.media_origins)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())

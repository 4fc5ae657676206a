"""Where is a ClickHouse, and who asks it?"""

from urllib.parse import unquote, urlsplit

import msgspec
from rapt.config import Secret
from rapt.errors import Misconfigured

from analytics.config import AnalyticsConfig

DATABASE = "rapt"


class ClientConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ClickHouse is and who asks."""

    host: str
    port: int
    secure: bool
    user: str
    password: Secret
    database: str

    @classmethod
    def embedded(cls, config: AnalyticsConfig, *, port: int = 0) -> "ClientConfig":
        """Return how the writer of the embedded store reaches it; `port` if it was a free one."""
        address = config.address.reachable
        return cls(
            host=address.host,
            port=port or address.port,
            secure=False,
            user="writer",
            password=config.writer_password,
            database=DATABASE,
        )

    @classmethod
    def parse(cls, url: str) -> "ClientConfig":
        """Read "http://user:password@host:8123/database".

        Raises:
            Misconfigured: it is no such URL; the message does not repeat it, a password is in it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Misconfigured("the store URL has a port that is not a number") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Misconfigured("the store URL must look like http://user:password@host:8123/rapt")
        secure = parts.scheme == "https"
        return cls(
            host=parts.hostname,
            port=port or (8443 if secure else 8123),
            secure=secure,
            user=unquote(parts.username or "default"),
            password=Secret(unquote(parts.password or "")),
            database=parts.path.strip("/") or DATABASE,
        )

"""A ClickHouse by URL: embedded or external, the same client, the same code.

The client connects when it is first asked, so a service starts while the store is still away.
`Unavailable` means try again (away, full, too slow); `Fault` means that the statement is wrong.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Self

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.query import QueryResult
from rapt.errors import Fault, Unavailable

from analytics.client import ClientConfig

CONNECT_S = 3
ANSWER_S = 30
ARROW = "ArrowStream"

PASSING = frozenset({159, 202, 209, 210, 241, 242, 243, 252, 999})
"""ClickHouse numbers of what goes away by itself: timeouts, too many queries, memory, read-only
tables, no disk, too many parts, keeper."""


class Store:
    """One store and one account. Safe to share between tasks."""

    def __init__(self, config: ClientConfig) -> None:
        self._config = config
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def is_healthy(self) -> bool:
        """Return whether it answers a query now."""
        try:
            await self.query("SELECT 1")
        except (Unavailable, Fault):
            return False
        return True

    async def query(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,  # values of bound parameters
        settings: Mapping[str, Any] | None = None,  # values of settings
        *,
        by_column: bool = False,
    ) -> QueryResult:
        """Run a SELECT. Every value comes as a bound parameter.

        Raises:
            Unavailable: the store is away or full; try again.
            Fault: the store refuses the statement.
        """
        try:
            client = await self._connected()
            return await client.query(
                sql,
                parameters=dict(params or {}),
                settings=dict(settings or {}),
                column_oriented=by_column,
                tz_mode="aware",
            )
        except (ClickHouseError, OSError, TimeoutError) as error:
            raise _translated(error) from error

    async def execute(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,  # values of bound parameters
        settings: Mapping[str, Any] | None = None,  # values of settings
    ) -> str:
        """Run any statement; return its answer as text.

        Raises:
            Unavailable: the store is away or full; try again.
            Fault: the store refuses the statement.
        """
        try:
            client = await self._connected()
            answer = await client.raw_query(
                sql, parameters=dict(params or {}), settings=dict(settings or {})
            )
        except (ClickHouseError, OSError, TimeoutError) as error:
            raise _translated(error) from error
        return answer.decode().rstrip("\n")

    async def insert(
        self, table: str, columns: Sequence[str], rows: bytes, *, token: str, form: str = ARROW
    ) -> None:
        """Insert rows once, however often they are sent with the same token.

        Raises:
            Unavailable: the store is away or full; the rows may or may not be there: send again.
            Fault: the store refuses the rows.
        """
        settings = {"insert_deduplication_token": token, "async_insert": "0"}
        try:
            async with asyncio.timeout(ANSWER_S):
                client = await self._connected()
                await client.raw_insert(table, columns, rows, settings, fmt=form)
        except (ClickHouseError, OSError, TimeoutError) as error:
            raise _translated(error) from error

    async def _connected(self) -> AsyncClient:
        """Return the client; connect if need be."""
        async with self._connecting:
            if self._client is None:
                # A read-only account sees every setting as fixed and would refuse to send ours.
                common.set_setting("invalid_setting_action", "send")
                logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)  # it says so often
                self._client = await clickhouse_connect.get_async_client(
                    host=self._config.host,
                    port=self._config.port,
                    secure=self._config.secure,
                    username=self._config.user,
                    password=self._config.password,
                    database=self._config.database,
                    compress=False,
                    connect_timeout=CONNECT_S,
                    send_receive_timeout=ANSWER_S,
                    autogenerate_session_id=False,  # a session would serialise our queries
                )
            return self._client


def open_store(url: str) -> Store:
    """Return the store of "http://user:password@host:8123/rapt".

    Raises:
        Misconfigured: it is no such URL.
    """
    return Store(ClientConfig.parse(url))


def _translated(error: Exception) -> Unavailable | Fault:
    """Return our word for what the client raised. Passwords are in no message of the client."""
    number = getattr(error, "code", None)
    text = str(error).split("\n", 1)[0][:300]
    if number is None or number in PASSING:
        return Unavailable(f"the store does not answer: {text or type(error).__name__}")
    return Fault(f"the store refuses: {text}")

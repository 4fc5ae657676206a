"""What the client says when things go wrong."""

import re

import pytest
from rapt.errors import Fault, Misconfigured, Unavailable

from analytics.client import ClientConfig
from analytics.scope import Scope
from analytics.store import Store, open_store
from tests.analytics.conftest import Served
from tests.analytics.proxy import FaultyProxy


async def test_a_store_that_is_away_is_unavailable() -> None:
    """And not healthy; nothing is raised when it is opened."""
    async with open_store("http://reader:x@127.0.0.1:1/rapt") as store:
        assert not await store.is_healthy()
        with pytest.raises(Unavailable, match="does not answer"):
            await Scope(store, 1).rows("SELECT 1")


async def test_it_is_found_when_it_comes_back(served: Served) -> None:
    """The same object works before, without and after the network."""
    if not served.is_ours:
        pytest.skip("the network to a ClickHouse by URL is not ours to break")
    async with (
        FaultyProxy(served.port) as proxy,
        open_store(f"http://reader:reader-secret@127.0.0.1:{proxy.port}/rapt") as store,
    ):
        assert await store.is_healthy()
        await proxy.cut()
        assert not await store.is_healthy()
        await proxy.connect()
        assert await store.is_healthy()


async def test_a_wrong_statement_is_our_fault(reader_store: Store) -> None:
    """Trying again would not help."""
    with pytest.raises(Fault, match="47"):
        await reader_store.query("SELECT nope FROM facts")


async def test_a_question_that_takes_too_long_may_be_asked_again(reader_store: Store) -> None:
    """Time and memory pass."""
    with pytest.raises(Unavailable):
        await reader_store.query(
            "SELECT sleepEachRow(1) FROM numbers(3)", settings={"max_execution_time": 1}
        )


async def test_no_message_has_the_password(served: Served) -> None:
    """Whatever goes wrong."""
    for url in (
        re.sub(r":[^:/@]*@", ":sesame-open@", served.reader_url),
        "http://reader:sesame-open@127.0.0.1:1/rapt",
    ):
        async with open_store(url) as store:
            with pytest.raises((Unavailable, Fault)) as caught:
                await store.query("SELECT 1")
            assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "database"),
    [
        pytest.param("http://w:zzz@h:1/db", "h", 1, "w", "zzz", "db", id="all"),
        pytest.param("https://h", "h", 8443, "default", "", "rapt", id="defaults"),
        pytest.param("http://w:a%2Fb%40@[::1]:9/x", "::1", 9, "w", "a/b@", "x", id="escaped"),
    ],
)
def test_a_url_says_everything(  # noqa: PLR0913, PLR0917  one argument for each part
    url: str, host: str, port: int, user: str, password: str, database: str
) -> None:
    """Host, port, user, password and database."""
    found = ClientConfig.parse(url)
    assert (found.host, found.port, found.user) == (host, port, user)
    assert (found.password, found.database) == (password, database)
    assert password not in repr(found) or not password


@pytest.mark.parametrize(
    "url", ["", "redis://u:zzz@x", "http://u:zzz@", "http://u:zzz@h:port/x", "u:zzz@h:8123"]
)
def test_what_is_no_url_is_said_without_repeating_it(url: str) -> None:
    """There may be a password in it."""
    with pytest.raises(Misconfigured, match="store URL") as caught:
        open_store(url)
    assert "zzz" not in str(caught.value)

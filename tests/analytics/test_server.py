"""Stock clients against the real process."""

import asyncio
import gzip
import http.client
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.analytics.conftest import Served

WHEN = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ours(served: Served) -> None:
    """These are claims about our own server."""
    if not served.is_ours:
        pytest.skip("a ClickHouse by URL answers for itself")


def _client(served: Served, account: str = "writer", *, compress: bool | str = True) -> Client:
    return clickhouse_connect.get_client(
        host="127.0.0.1",
        port=served.port,
        username=account,
        password=f"{account}-secret",
        database="rapt",
        compress=compress,
    )


@pytest.fixture
def writer(served: Served) -> Iterator[Client]:
    """Return a stock synchronous client that may write, with a table of its own."""
    client = _client(served)
    client.command("DROP TABLE IF EXISTS things")
    client.command(
        "CREATE TABLE things (a UInt64, s String, d DateTime64(3, 'UTC')) ENGINE = MergeTree"
        " ORDER BY a SETTINGS non_replicated_deduplication_window = 100"
    )
    yield client
    client.command("DROP TABLE things")
    client.close()


@pytest.fixture
def reader(served: Served) -> Iterator[Client]:
    """Return a stock synchronous client that may read."""
    client = _client(served, "reader")
    yield client
    client.close()


def _request(
    served: Served, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request by hand; `auth` is "user:password"."""
    auth = headers.pop("auth", "reader:reader-secret")
    head = {k.replace("_", "-"): v for k, v in headers.items()}
    head["Authorization"] = "Basic " + b64encode(auth.encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    try:
        connection.request("POST", path, body, head)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("compress", [False, True, "zstd", "gzip", "lz4"])
@pytest.mark.usefixtures("writer")
def test_rows_come_back_as_they_went_in(served: Served, *, compress: bool | str) -> None:
    """Types survive each packing, both ways."""
    client = _client(served, compress=compress)
    rows = [[2**64 - 1 - i, f"Zoë {i}", WHEN] for i in range(20_000)]
    client.insert("things", rows, column_names=["a", "s", "d"])
    found = client.query("SELECT * FROM things ORDER BY a DESC", tz_mode="aware").result_rows
    assert [list(row) for row in found] == rows
    client.close()


@pytest.mark.usefixtures("writer")
async def test_the_asynchronous_client_works(served: Served) -> None:
    """Inserts and eight questions at once."""
    async with await clickhouse_connect.get_async_client(
        host="127.0.0.1",
        port=served.port,
        username="writer",
        password="writer-secret",  # noqa: S106  of the test's own store
        database="rapt",
    ) as client:
        await client.insert("things", [[1, "x", WHEN]] * 1000, column_names=["a", "s", "d"])
        asked = [client.query("SELECT count() FROM things") for _ in range(8)]
        counts = [answer.result_rows for answer in await asyncio.gather(*asked)]
    assert counts == [[(1000,)]] * 8


def test_parameters_are_bound_not_pasted(reader: Client) -> None:
    """A value that looks like SQL is a value."""
    nasty = "x' OR 1 -- \\ \n `"
    found = reader.query("SELECT {v:String}, {n:UInt64}", parameters={"v": nasty, "n": 2**64 - 1})
    assert found.result_rows == [(nasty, 2**64 - 1)]


def test_one_token_is_one_copy(writer: Client) -> None:
    """The same token three times is one copy; equal rows under another token are another."""
    for token in ("a", "a", "a", "b"):
        writer.insert(
            "things",
            [[1, "x", WHEN]],
            column_names=["a", "s", "d"],
            settings={"insert_deduplication_token": token},
        )
    assert writer.query("SELECT count() FROM things").result_rows == [(2,)]


@pytest.mark.parametrize(
    ("auth", "query"),
    [
        pytest.param("reader:writer-secret", "SELECT 1", id="the other password"),
        pytest.param("nobody:reader-secret", "SELECT 1", id="unknown name"),
        pytest.param("reader:", "DROP TABLE facts", id="no password"),
    ],
)
def test_strangers_get_401(served: Served, auth: str, query: str) -> None:
    """And the number by which clients know it."""
    status, head, body = _request(served, "/", query.encode(), auth=auth)
    assert (status, head["x-clickhouse-exception-code"]) == (401, "516")
    assert b"Code: 516. DB::Exception" in body


def test_a_stock_client_says_so(served: Served) -> None:
    """It raises its own error."""
    with pytest.raises(DatabaseError, match="516"):
        clickhouse_connect.get_client(
            host="127.0.0.1",
            port=served.port,
            username="reader",
            password="wrong",  # noqa: S106  wrong on purpose
        )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("SELECT nope FROM facts", "47", id="unknown column"),
        pytest.param("SELECT * FROM nope", "60", id="unknown table"),
        pytest.param("SELEKT", "164", id="no question"),
        pytest.param("SELECT FROM WHERE", "62", id="syntax"),
        pytest.param("INSERT INTO facts SELECT 1", "164", id="insert"),
        pytest.param("DROP TABLE facts", "164", id="drop"),
        pytest.param("KILL QUERY WHERE 0", "164", id="kill"),
        pytest.param("SELECT 1 SETTINGS readonly = 0", "164", id="not read-only any more"),
        pytest.param("SELECT file/**/('/etc/hostname')", "497", id="file behind a comment"),
        pytest.param("SELECT * FROM url('http://127.0.0.1/', CSV)", "497", id="url"),
        pytest.param("SELECT * FROM merge('rapt', 'facts')", "497", id="merge"),
        pytest.param("SELECT 1 INTO OUTFILE 'x'", "497", id="outfile"),
        pytest.param("SELECT 1; SELECT 2", "62", id="two at once"),
    ],
)
def test_a_reader_is_refused(served: Served, query: str, code: str) -> None:
    """With ClickHouse's own number, in head and body."""
    status, head, body = _request(served, "/?database=rapt", query.encode())
    assert status in {400, 403, 500}
    assert head["x-clickhouse-exception-code"] == code
    assert f"Code: {code}. DB::Exception".encode() in body


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("SELECT groupArray(number) FROM numbers(100000000)", "241", id="memory"),
        pytest.param("SELECT number FROM numbers(1000001)", "396", id="rows"),
        pytest.param("SELECT sleepEachRow(0.5) FROM numbers(4)", "159", id="time"),
    ],
)
def test_caps_hold(served: Served, query: str, code: str) -> None:
    """A question that is too big ends with an error, and the next one is answered."""
    path = "/?max_execution_time=1" if code == "159" else "/"
    _, head, _ = _request(served, path, query.encode())
    assert head["x-clickhouse-exception-code"] == code
    assert _request(served, "/", b"SELECT 1")[2] == b"1\n"


def test_settings_of_one_client_do_not_reach_the_next(served: Served) -> None:
    """Each statement has a handle of its own."""
    _request(served, "/?database=system&max_threads=1", b"SELECT 1")
    ask = b"SELECT currentDatabase(), getSetting('readonly'), getSetting('max_threads') > 1"
    writer = _request(served, "/", ask, auth="writer:writer-secret")
    assert writer[2] == b"default\t0\t1\n"


@pytest.mark.parametrize("how", ["plain", "chunked", "bomb"])
def test_a_body_that_is_too_large_gets_413(served: Served, how: str) -> None:
    """Counted as sent and as unpacked; the server stays."""
    size = (64 << 20) + 1
    head: dict[str, str] = {}
    body: bytes | Iterator[bytes] = bytes(size)
    if how == "bomb":
        body, head = gzip.compress(bytes(size), 1), {"Content-Encoding": "gzip"}
    elif how == "chunked":
        body = (bytes(1 << 20) for _ in range(65))
    head["Authorization"] = "Basic " + b64encode(b"writer:writer-secret").decode()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    try:
        connection.request("POST", "/", body, head, encode_chunked=how == "chunked")
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # it hung up in the middle of our sending, as it may
    finally:
        connection.close()
    assert status == 413
    assert _request(served, "/", b"SELECT 1")[0] == 200


def test_garbage_gets_400(served: Served) -> None:
    """A body that is not packed as it says."""
    status, _, body = _request(served, "/", b"garbage", Content_Encoding="zstd")
    assert (status, b"not zstd" in body) == (400, True)


async def test_the_ninth_statement_at_once_is_refused(served: Served) -> None:
    """503 with code 202: nothing waits in a queue; afterwards there is room again."""
    slow = b"SELECT sleepEachRow(0.7) FROM numbers(4)"  # so long that all of them meet
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(10) as threads:
        asked = [loop.run_in_executor(threads, _request, served, "/", slow) for _ in range(10)]
        answers = await asyncio.gather(*asked)
    refused = [head for status, head, _ in answers if status == 503]
    assert len(refused) == 2
    assert all(head["x-clickhouse-exception-code"] == "202" for head in refused)
    assert _request(served, "/", b"SELECT 1")[0] == 200


def test_a_large_answer_arrives_whole(served: Served) -> None:
    """More than one piece."""
    body = _request(served, "/", b"SELECT number FROM numbers(900000)")[2]
    assert body == b"".join(b"%d\n" % n for n in range(900_000))


def test_ping_and_metrics_need_no_password(served: Served) -> None:
    """And nothing else is there."""
    _request(served, "/", b"SELECT 1")
    assert _request(served, "/ping", auth=":")[2] == b"Ok.\n"
    assert b'rapt_store_statements_total{account="reader"' in _request(served, "/metrics")[2]
    assert _request(served, "/play")[0] == 404


def test_a_query_id_can_not_break_the_head(served: Served) -> None:
    """Line ends in an argument do not become headers."""
    _, head, _ = _request(served, "/?query_id=a%0d%0aX-Evil:%201", b"SELECT 1")
    assert "x-evil" not in head
    assert _request(served, "/?query_id=mine", b"SELECT 1")[1]["x-clickhouse-query-id"] == "mine"

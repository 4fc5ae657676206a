"""What a request asks for, and what it may not."""

import base64
import gzip
import zlib

import lz4.frame  # type: ignore[import-untyped]  # it has no stubs
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from rapt.config import Secret

from analytics.config import AnalyticsConfig
from analytics.request import (
    Account,
    Asked,
    TooLarge,
    account_of,
    asked,
    packed,
    settings_of,
    unpacked,
)
from analytics.statements import Refused

PASSWORDS: dict[Account, str] = {"writer": "w:x", "reader": "r"}
CONFIG = AnalyticsConfig(writer_password=Secret("w"), reader_password=Secret("r"))


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "account"),
    [
        pytest.param(_basic("writer:w:x"), "writer", id="a colon in the password"),
        pytest.param(_basic("reader:r"), "reader", id="reader"),
        pytest.param(_basic("reader:w:x"), None, id="the password of another account"),
        pytest.param(_basic("reader:"), None, id="no password"),
        pytest.param(_basic("nobody:r"), None, id="unknown name"),
        pytest.param("Bearer r", None, id="another scheme"),
        pytest.param("Basic !!!", None, id="not base64"),
        pytest.param("Basic \xff\xe9", None, id="not ASCII"),
        pytest.param("Basic " + base64.b64encode(b"\xff\xfe").decode(), None, id="not text"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_account_needs_its_own_password(header: str, account: str | None) -> None:
    """Only the right pair is somebody."""
    assert account_of(header, PASSWORDS) == account


@given(body=st.binary(max_size=5000), how=st.sampled_from(["", "gzip", "lz4", "zstd", "deflate"]))
def test_bodies_come_out_as_they_went_in(body: bytes, how: str) -> None:
    """Each packing is undone."""
    pack = {
        "": bytes,
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "lz4": lz4.frame.compress,
        "zstd": zstandard.compress,
    }[how]
    assert unpacked(pack(body), how, max_bytes=5000) == body


@pytest.mark.parametrize("how", ["gzip", "lz4", "zstd"])
def test_a_bomb_is_not_unpacked(how: str) -> None:
    """A small body that unpacks to more than the limit is too large."""
    bomb, encoding = packed(bytes(10_000_000), how)
    assert encoding == how
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge):
        unpacked(bomb, how, max_bytes=1_000_000)


@pytest.mark.parametrize("how", ["gzip", "lz4", "zstd", "br"])
def test_a_body_that_is_not_what_it_says_is_wrong(how: str) -> None:
    """Garbage and unknown packings are the client's error."""
    with pytest.raises(ValueError, match=how):
        unpacked(b"garbage, surely", how, max_bytes=1000)


@given(st.sampled_from(["zstd", "lz4", "gzip", "gzip, zstd;q=0.5", "br", ""]), st.binary())
def test_answers_are_packed_as_accepted(accepted: str, body: bytes) -> None:
    """The packing is one that the client named, or none."""
    data, how = packed(body, accepted)
    assert how in accepted
    assert unpacked(data, how, max_bytes=len(body)) == body


def _settings(account: Account, **args: str) -> dict[str, str]:
    found = settings_of(args, account, CONFIG)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("account", ["writer", "reader"])
@pytest.mark.parametrize(
    "name", ["max_execution_time", "max_memory_usage", "max_result_rows", "readonly"]
)
@pytest.mark.parametrize("value", ["0", "-1", "99999999999999", "nan", "inf", "x"])
def test_caps_can_not_be_raised(account: Account, name: str, value: str) -> None:
    """0, nonsense and more than allowed all mean the cap."""
    if account == "writer" and name == "max_result_rows":
        return  # it has none
    assert _settings(account, **{name: value}) == _settings(account)


def test_caps_can_be_lowered() -> None:
    """A client may ask for less."""
    assert _settings("reader", max_execution_time="1.5")["max_execution_time"] == "1.5"


@pytest.mark.parametrize(
    "name", ["max_server_memory_usage", "allow_introspection_functions", "user_files_path", "x y"]
)
def test_unknown_settings_are_refused(name: str) -> None:
    """What is not on the list does not reach the engine, for the writer neither."""
    found = settings_of({name: "1"}, "writer", CONFIG)
    assert isinstance(found, Refused)
    assert found.code == 115


def test_only_a_reader_is_read_only() -> None:
    """The engine is told, too."""
    assert _settings("reader")["readonly"] == "1"
    assert "readonly" not in _settings("writer")


def test_parameters_and_format_are_told_apart() -> None:
    """Names of parameters lose their prefix; FORMAT beats the default."""
    args = {"query": "SELECT {x:UInt8} FORMAT JSON", "param_x": "1", "default_format": "Native"}
    found = asked(args, b"", "reader", CONFIG)
    assert isinstance(found, Asked)
    assert found.ask.params == {"x": "1"}
    assert found.format == "JSON"
    assert found.ask.data is None


@pytest.mark.parametrize(
    ("args", "body"),
    [
        pytest.param({"query": "INSERT INTO t FORMAT CSV"}, b"1\n", id="in the URL"),
        pytest.param({}, b"INSERT INTO t FORMAT CSV\n1\n", id="in the body"),
    ],
)
def test_data_follows_an_insert(args: dict[str, str], body: bytes) -> None:
    """Both ways of a stock client give the same."""
    found = asked(args, body, "writer", CONFIG)
    assert isinstance(found, Asked)
    assert (found.ask.sql, found.ask.format, found.ask.data) == ("INSERT INTO t", "CSV", b"1\n")


def test_data_after_a_question_is_refused() -> None:
    """Nothing is silently left out."""
    found = asked({"query": "SELECT 1"}, b"more", "writer", CONFIG)
    assert isinstance(found, Refused)


@pytest.mark.parametrize(
    "name",
    [
        "format_template_row",
        "format_schema",
        "format_avro_schema_registry_url",
        "input_format_record_errors_file_path",
        "output_format_schema",
        "FINAL",
        "",
    ],
)
@pytest.mark.parametrize("account", ["reader", "writer"])
def test_no_setting_names_a_file_or_an_address(name: str, account: Account) -> None:
    """Settings of formats pass by name, not by how they begin."""
    found = settings_of({name: "/etc/passwd"}, account, CONFIG)
    assert isinstance(found, Refused)
    assert found.code == 115

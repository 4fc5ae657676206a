"""What does a ClickHouse HTTP request ask for?

Pure: names and bytes in, `Asked` or `Refused` out. Settings pass by an allow list; a reader may
only lower its caps. Numbers are those of ClickHouse: 115 UNKNOWN_SETTING.
"""

import base64
import gzip
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import lz4.frame  # type: ignore[import-untyped]  # it has no stubs
import zstandard

from analytics.config import AnalyticsConfig
from analytics.engine import Ask
from analytics.statements import Refused, split_insert, take_apart

Account = Literal["writer", "reader"]

_NOT_SETTINGS = frozenset(
    [
        "query",
        "database",
        "default_format",
        "query_id",
        "session_id",
        "session_timeout",
        "session_check",
        "compress",
        "decompress",
        "wait_end_of_query",
        "buffer_size",
        "client_protocol_version",
        "enable_http_compression",
        "http_zlib_compression_level",
        "send_progress_in_http_headers",
        "quota_key",
        "role",
        "readonly",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
        "http_write_exception_in_output_format",
    ]
)
"""Arguments of the protocol, or meaningless here; never handed to the engine."""

_SETTINGS = frozenset(
    [
        "additional_table_filters",
        "alter_sync",
        "async_insert",
        "cast_string_to_dynamic_use_inference",
        "wait_for_async_insert",
        "date_time_input_format",
        "date_time_output_format",
        "deduplicate_insert",
        "deduplicate_insert_select",
        "do_not_merge_across_partitions_select_final",
        "final",
        "group_by_overflow_mode",
        "insert_deduplicate",
        "insert_deduplication_token",
        "join_use_nulls",
        "input_format_null_as_default",
        "input_format_with_names_use_header",
        "log_comment",
        "max_block_size",
        "max_bytes_to_read",
        "max_execution_time",
        "max_insert_block_size",
        "max_memory_usage",
        "max_result_bytes",
        "max_result_rows",
        "max_rows_to_read",
        "max_threads",
        "mutations_sync",
        "optimize_read_in_order",
        "output_format_arrow_string_as_string",
        "output_format_json_quote_64bit_integers",
        "result_overflow_mode",
        "session_timezone",
        "timeout_overflow_mode",
        "use_query_cache",
    ]
)
"""Never by prefix: some settings of formats name files to read and write, and addresses."""
_CAPS = ("max_execution_time", "max_memory_usage", "max_result_rows")


class TooLarge(ValueError):
    """The request has more bytes than allowed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement to run, and the format that its answer has."""

    ask: Ask
    format: str


def account_of(authorization: str, passwords: Mapping[Account, str]) -> Account | None:
    """Return whose Basic credentials these are; None = nobody's."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, or not UTF-8 inside
        return None
    found: Account | None = None
    for name, wanted in passwords.items():  # all of them, so that time tells nothing
        same = hmac.compare_digest(password.encode(), wanted.encode())
        if same and hmac.compare_digest(user.encode(), name.encode()):
            found = name
    return found


def unpacked(body: bytes, encoding: str, *, max_bytes: int) -> bytes:
    """Return the body without its Content-Encoding.

    Raises:
        TooLarge: it unpacks to more than allowed.
        ValueError: it is not packed that way.
    """
    try:
        match encoding:
            case "" | "identity":
                plain = body
            case "gzip" | "deflate":
                plain = zlib.decompressobj(wbits=47).decompress(body, max_bytes + 1)
            case "lz4":
                plain = lz4.frame.LZ4FrameDecompressor().decompress(body, max_bytes + 1)
            case "zstd":
                with zstandard.ZstdDecompressor().stream_reader(body) as reader:
                    plain = reader.read(max_bytes + 1)
            case _:
                raise ValueError(f"Content-Encoding {encoding!a} is not known")
    except (zlib.error, RuntimeError, zstandard.ZstdError) as error:
        raise ValueError(f"the body is not {encoding}") from error
    if len(plain) > max_bytes:
        raise TooLarge(f"the body has more than {max_bytes} bytes")
    return bytes(plain)


def packed(body: bytes, accepted: str) -> tuple[bytes, str]:
    """Return the answer packed as the client accepts it, and the name of the packing."""
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    if "zstd" in names:
        return zstandard.ZstdCompressor(level=1).compress(body), "zstd"
    if "lz4" in names:
        return bytes(lz4.frame.compress(body)), "lz4"
    if "gzip" in names:
        return gzip.compress(body, compresslevel=1), "gzip"
    return body, ""


def asked(
    args: Mapping[str, str], body: bytes, account: Account, config: AnalyticsConfig
) -> Asked | Refused:
    """Return the statement that a request wants to run.

    The body is the statement, the data of an INSERT, or a statement that is followed by its data.
    """
    sql, data = args.get("query", ""), body
    if not sql:
        cut = split_insert(body)
        sql, data = body[:cut].decode(errors="replace"), body[cut:]
    statement = take_apart(sql, may_write=account == "writer")
    if isinstance(statement, Refused):
        return statement
    settings = settings_of(args, account, config)
    if isinstance(settings, Refused):
        return settings
    form = statement.format or args.get("default_format") or "TabSeparated"
    is_insert = statement.kind == "insert" and statement.format is not None
    if data and not is_insert:
        return Refused(62, "only INSERT ... FORMAT takes data after the statement")
    params = {k.removeprefix("param_"): v for k, v in args.items() if k.startswith("param_")}
    ask = Ask(
        statement.sql,
        format=form,
        params=params,
        settings=settings,
        database=args.get("database", ""),
        data=data if is_insert else None,
    )
    return Asked(ask, form)


def settings_of(
    args: Mapping[str, str], account: Account, config: AnalyticsConfig
) -> dict[str, str] | Refused:
    """Return all settings of a statement: our caps, then the client's, then read-only."""
    caps = {
        "max_execution_time": str(config.writer_s),
        "max_memory_usage": str(config.writer_memory_bytes),
        "async_insert": "0",
    }
    if account == "reader":
        caps["max_execution_time"] = str(config.reader_s)
        caps["max_memory_usage"] = str(config.reader_memory_bytes)
        caps["max_result_rows"] = str(config.reader_rows)
    settings = dict(caps)
    for name, value in args.items():
        if name in _NOT_SETTINGS or name.startswith("param_"):
            continue
        if name not in _SETTINGS:
            return Refused(115, f"setting {name!a} is not taken here")
        settings[name] = _lower(value, caps[name]) if name in _CAPS and name in caps else value
    if account == "reader":
        settings["readonly"] = "1"
    return settings


def _lower(wanted: str, cap: str) -> str:
    """Return the lower of two caps; 0 means none, so it means ours."""
    try:
        number = float(wanted)
    except ValueError:
        return cap
    return wanted if 0 < number <= float(cap) else cap

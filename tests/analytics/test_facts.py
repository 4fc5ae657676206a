"""The structs agree with the contract and with the tables."""

import msgspec
import pytest
from rapt.v1 import perception_pb2

from analytics.columns import TABLES, Table, column_names
from analytics.facts import ExitReason, Player, Role, Segment
from analytics.store import Store
from tests.analytics.rows import fact, segments, session


def _proto(enum: str) -> dict[str, int]:
    """Return the values of an enum of the contract without its prefix, in lower case."""
    found = getattr(perception_pb2, enum).DESCRIPTOR
    prefix = "".join(f"_{c}" if c.isupper() else c for c in enum).lstrip("_").upper() + "_"
    return {v.name.removeprefix(prefix).lower(): v.number for v in found.values}


@pytest.mark.parametrize(
    ("ours", "proto", "zero"),
    [
        pytest.param(Role, "Role", None, id="role"),
        pytest.param(Player, "PlayerState", "unknown", id="player"),
        pytest.param(ExitReason, "ExitReason", "open", id="exit reason"),
    ],
)
def test_numbers_are_those_of_the_contract(
    ours: type[Role | Player | ExitReason], proto: str, zero: str | None
) -> None:
    """A value of the wire is the value of the store."""
    wire = _proto(proto)
    unspecified = wire.pop("unspecified")
    assert unspecified == 0
    if zero is not None:
        wire[zero] = 0
    assert {member.name.lower(): int(member) for member in ours} == wire


def test_every_state_fits_the_verdict() -> None:
    """`verdict` carries the state's number."""
    kind = type(fact(1))
    for number in _proto("State").values():
        row = msgspec.structs.replace(fact(1), verdict=number)
        assert msgspec.convert(msgspec.to_builtins(row), kind).verdict == number


@pytest.mark.parametrize("table", list(TABLES))
async def test_fields_are_the_columns_in_their_order(writer_store: Store, table: Table) -> None:
    """The struct and the table have the same columns, but for the time of arrival."""
    found = await writer_store.execute(
        "SELECT name FROM system.columns WHERE database = currentDatabase()"
        " AND table = {table:String} AND name != 'ingested_at' ORDER BY position",
        {"table": table},
    )
    assert found.split("\n") == column_names(table)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"t_s": -1}, id="negative"),
        pytest.param({"t_s": 2**32}, id="too large"),
        pytest.param({"attention_pct": 101}, id="more than everything"),
        pytest.param({"frames": 256}, id="more than a byte"),
        pytest.param({"role": 0}, id="no role"),
    ],
)
def test_values_that_no_column_takes_are_seen(changes: dict[str, int]) -> None:
    """What does not fit a column does not pass the check of the spool."""
    row = msgspec.structs.replace(fact(1), **changes)
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=type(row))


def test_a_session_survives_packing() -> None:
    """Segments and times come back as they were."""
    row = session(1, segments=segments((0, 1000), (500, 2500, False)))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=type(row)) == row
    assert row.segments[1].__struct_fields__ == Segment.__struct_fields__

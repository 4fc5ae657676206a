"""Which rows are kept, as they arrive, and in what shape?

Refused here: rows whose lease is older than the newest one seen for the account (a paused old tab),
and rows from more than five minutes ahead. Completed here: the sums of a session, from its
segments alone so that they never contradict them, and its version. Checked here: every value fits
its column, so that nothing in the spool can be refused by the store.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import msgspec
from rapt.errors import InvalidMessage
from rapt.limits import MAX_CLOCK_ERROR_S

from analytics.facts import Fact, Interaction, Row, Session
from analytics.journal import Packed
from analytics.segments import played

MAX_ACCOUNTS = 100_000  # leases remembered; 10 MB

_check = msgspec.msgpack.Decoder(list[Row])


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that passed, packed, and how many of which kind did or did not."""

    packed: Packed
    kept: Counter[str]
    """By table."""
    dropped: Counter[str]
    """By reason: fence, future."""


class Arrivals:
    """Remembers the newest lease of each account and the last version given out."""

    def __init__(self) -> None:
        self._fences: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._version = 0

    def check(self, rows: Sequence[Row], *, now_s: float) -> Checked:
        """Sort out, complete and pack the rows.

        Raises:
            InvalidMessage: a value does not fit its column.
        """
        kept: list[Row] = []
        dropped: Counter[str] = Counter()
        for row in rows:
            if not self._is_current(row):
                dropped["fence"] += 1
            elif _when_s(row) > now_s + MAX_CLOCK_ERROR_S:
                dropped["future"] += 1
            else:
                kept.append(self._completed(row) if isinstance(row, Session) else row)
        data = msgspec.msgpack.encode(kept)
        try:
            _check.decode(data)
        except msgspec.ValidationError as error:
            raise InvalidMessage(f"a row does not fit its table: {error}") from error
        tables = Counter(_table(row) for row in kept)
        return Checked(Packed(data, len(kept)), tables, dropped)

    def _is_current(self, row: Row) -> bool:
        """Return whether no newer lease of the account was seen."""
        account = (row.tenant_id, row.user_key)
        newest = max(row.fence, self._fences.get(account, 0))
        self._fences[account] = newest
        self._fences.move_to_end(account)
        if len(self._fences) > MAX_ACCOUNTS:
            self._fences.popitem(last=False)
        return row.fence >= newest

    def _completed(self, session: Session) -> Session:
        """Fill in the sums and the version."""
        self._version = max(self._version + 1, time.time_ns())
        version = session.version or self._version
        return msgspec.structs.replace(session, version=version, **asdict(played(session.segments)))


def _when_s(row: Row) -> float:
    """Return the time of a row, seconds since 1970."""
    return (row.seen_at if isinstance(row, Session) else row.ts).timestamp()


def _table(row: Row) -> str:
    match row:
        case Fact():
            return "facts"
        case Interaction():
            return "interactions"
        case Session():
            return "sessions"

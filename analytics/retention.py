"""Who was still playing at each second? Starts, absolute and unique retention.

Pure. Definitions (content of L ms, bins of w ms, visible play of students, nothing else):

* A session is a *start* when it played at least one second; the others count nowhere: an
  impression is no play.
* Absolute retention A(i): passes through bin i per start. May exceed 1. Identity: the sum of
  A(i) * w(i) * starts is the watch time.
* Unique retention U(i): mean over users with a start of the share of bin i that they played at
  least once. At most 1. Identity: the mean of U over the content is the mean coverage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.segments import I64, bin_edges, overlap_ms, union_by_owner

START_MS = 1000  # less than a second played is an impression

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plays:
    """Segments of many sessions, one entry each."""

    session: NDArray[np.uint64]
    """(S,) session of the segment."""
    user: NDArray[np.uint64]
    """(S,) its user."""
    from_ms: I64
    """(S,) first media millisecond."""
    to_ms: I64
    """(S,) end, exclusive."""
    visible: NDArray[np.bool_]
    """(S,) whether the page was visible."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Counts of one content, from which every share follows."""

    starts: int
    """Sessions with at least one second played."""
    users: int
    """Users with a start."""
    width_ms: I64
    """(B,) milliseconds of each bin; the last may be shorter."""
    plays_ms: I64
    """(B,) visible milliseconds played, passes counted."""
    unique_ms: I64
    """(B,) the same, each user once."""
    hidden_ms: I64
    """(B,) milliseconds played in the same sessions while the page was hidden."""

    def absolute(self) -> F64:
        """Return A, (B,); zeros without a start."""
        return _share(self.plays_ms, self.width_ms, self.starts)

    def unique(self) -> F64:
        """Return U, (B,); zeros without a start."""
        return _share(self.unique_ms, self.width_ms, self.users)


def retention(plays: Plays, *, length_ms: int, bin_ms: int = 1000) -> Retention:
    """Count the plays of one content; what lies past its end is cut off."""
    edges = bin_edges(length_ms, bin_ms)
    from_ms = np.clip(plays.from_ms, 0, length_ms)
    to_ms = np.clip(plays.to_ms, 0, length_ms)
    long = to_ms > from_ms
    _, session = np.unique(plays.session, return_inverse=True)
    seen_ms = np.where(long & plays.visible, to_ms - from_ms, 0)
    session_ms = np.zeros(int(session.max(initial=-1)) + 1, np.int64)
    np.add.at(session_ms, session, seen_ms)
    is_start = session_ms >= START_MS
    seen = long & plays.visible & is_start[session]
    hidden = long & ~plays.visible & is_start[session]
    users, owner = np.unique(plays.user[seen], return_inverse=True)
    _, once_from, once_to = union_by_owner(owner.astype(np.int64), from_ms[seen], to_ms[seen])
    return Retention(
        starts=int(is_start.sum()),
        users=len(users),
        width_ms=np.diff(edges),
        plays_ms=overlap_ms(from_ms[seen], to_ms[seen], edges),
        unique_ms=overlap_ms(once_from, once_to, edges),
        hidden_ms=overlap_ms(from_ms[hidden], to_ms[hidden], edges),
    )


def _share(part_ms: I64, width_ms: I64, n: int) -> F64:
    """Return milliseconds as a share of n times the bin."""
    if n == 0:
        return np.zeros(len(part_ms))
    return np.asarray(part_ms / (width_ms * n), np.float64)

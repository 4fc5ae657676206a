"""Whose turn is it when not everyone's frames fit?

Pure. Among the streams of one tenant the one that was served longest ago, then the earliest
deadline. Among tenants stride scheduling: whoever has had least for its weight comes next, and each
frame puts its tenant further ahead by cost / weight. Only a lead over tenants that still wait
counts: nobody pays later for what nobody else wanted, and nobody saves up a right to more.

Source: Waldspurger and Weihl, "Stride Scheduling", MIT/LCS/TM-528, 1995.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Waiting:
    """One frame in its mailbox. Times are monotonic seconds."""

    stream: int
    deadline_s: float
    served_at_s: float
    """When the stream last got a verdict, or was opened."""
    sequence: int = 0
    tenant: int = 0
    arrived_s: float = 0.0
    cost: int = 1
    """Faces that it is expected to show; what a bucket counts."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How far each tenant is ahead of the one that has had least."""

    weights: Mapping[int, float] = field(default_factory=dict)
    """Of a full device; 1 for a tenant that is not named."""
    leads: Mapping[int, float] = field(default_factory=dict)
    """Cost / weight; 0 for a tenant that is not named."""

    def order(self, waiting: Iterable[Waiting]) -> list[Waiting]:
        """Return the frames, whose turn it is first."""
        rows = sorted(waiting, key=lambda w: (w.served_at_s, w.deadline_s, w.stream))
        if len({row.tenant for row in rows}) < 2:  # noqa: PLR2004  # nobody to share with
            return rows
        leads, turns = dict(self.leads), []
        for place, row in enumerate(rows):
            lead = leads.get(row.tenant, 0.0)
            turns.append((lead, place))
            leads[row.tenant] = lead + self._stride(row)
        return [rows[place] for _, place in sorted(turns)]

    def after(self, batch: Sequence[Waiting], left: Iterable[Waiting]) -> "Shares":
        """Return the shares once `batch` is served and `left` still waits."""
        leads = dict(self.leads)
        for row in batch:
            leads[row.tenant] = leads.get(row.tenant, 0.0) + self._stride(row)
        least = min((leads.get(row.tenant, 0.0) for row in left), default=None)
        if least is None:
            return Shares(self.weights)
        ahead = {tenant: lead - least for tenant, lead in leads.items() if lead > least}
        return Shares(self.weights, ahead)

    def _stride(self, row: Waiting) -> float:
        return row.cost / self.weights.get(row.tenant, 1.0)


EQUAL = Shares()
"""Every tenant weighs the same, and nobody is ahead."""

"""Spans, for whoever wants to follow one session or one batch. Off unless an endpoint is set.

A span holds numbers and words of closed sets; never a picture, a name or a token.
Between processes the place in a trace travels as W3C `traceparent`.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter

KEY = "traceparent"
"""Name of the header, and of the gRPC metadata."""
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

Value = str | int | float | bool


class Span(Protocol):
    """Something that lasts."""

    @property
    def is_recorded(self) -> bool:
        """Whether anybody will see it; what is costly to note need not be noted else."""

    @property
    def traceparent(self) -> str:
        """What another process needs to go on under it, recorded or not."""

    def note(self, **values: Value) -> None:
        """Add what is known now."""

    def link(self, other: "Span") -> None:
        """Point at something that it had to do with; only the last ones are kept."""

    def end(self, at_s: float | None = None) -> None:
        """End it, now or at a monotonic time."""


class Tracer(Protocol):
    """Begins spans and sends them away when they have ended."""

    def begin(
        self, name: str, *, parent: str = "", begun_s: float | None = None, **values: Value
    ) -> Span:
        """Begin a span; chance decides whether it is recorded, or the parent, if there is one."""

    def record(  # a whole span at once, named
        self,
        name: str,
        *,
        links: Iterable[Span] = (),
        parent: Span | None = None,
        begun_s: float,
        ended_s: float,
        **values: Value,
    ) -> Span:
        """Record something that is over, whatever chance says."""

    def close(self) -> None:
        """Send what waits, for a moment, and end."""


class TraceCounts:
    """What became of spans."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sent = Counter("rapt_spans_sent", "Spans that the receiver took", registry=registry)
        self._dropped = Counter(
            "rapt_spans_dropped", "Spans that nobody will see", ["reason"], registry=registry
        )

    def sent(self, spans: int) -> None:
        """Count spans that arrived."""
        self._sent.inc(spans)

    def queue_full(self) -> None:
        """Count one that found no room: the receiver is slower than we are."""
        self._dropped.labels("queue_full").inc()

    def not_sent(self, spans: int) -> None:
        """Count spans that the receiver did not take."""
        self._dropped.labels("not_sent").inc(spans)

    def too_many(self) -> None:
        """Count a batch that was not recorded, because enough others of this second were."""
        self._dropped.labels("too_many").inc()


def traceparent_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> str:
    """Return the place in a trace that a call brings; empty when it brings none that is valid."""
    for key, value in metadata or ():
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        if key == KEY and parse_traceparent(text) is not None:
            return text
    return ""


def parse_traceparent(text: str) -> tuple[int, int, int] | None:
    """Return trace, span and flags; None for what is no `traceparent`."""
    match = _TRACEPARENT.fullmatch(text)
    if match is None:
        return None
    trace, span, flags = (int(part, 16) for part in match.groups())
    return (trace, span, flags) if trace and span else None

"""Spans by OpenTelemetry, sent as OTLP over gRPC. Imported only where an endpoint is set.

Serving never waits for it: spans that have ended wait in a queue of `MAX_WAITING`, a thread sends
them, and what finds no room or no receiver is dropped and counted.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OpenSpan

from rapt.tracing.spans import Span, TraceCounts, Value, parse_traceparent

MAX_WAITING = 4096
MAX_AT_ONCE = 512
MAX_LINKS = 128
EVERY_S = 1.0
ANSWER_S = 5.0  # the receiver's time for one request
STOP_S = 2.0

log = structlog.get_logger()


class OtlpTracer:
    """Spans of one process."""

    def __init__(
        self, endpoint: str, *, process: str, name: str, share: float, counts: TraceCounts
    ) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # we count, and say it once
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=ANSWER_S)
        self._outgoing = Outgoing(exporter, counts)
        resource = Resource(
            {
                "service.name": f"rapt-{process}",
                "service.instance.id": name or str(os.getpid()),
                "process.pid": os.getpid(),
            }
        )

        def provider(sampler: Sampler) -> TracerProvider:
            made = TracerProvider(
                sampler=sampler,
                resource=resource,
                shutdown_on_exit=False,
                span_limits=SpanLimits(max_links=MAX_LINKS),
            )
            made.add_span_processor(self._outgoing)
            return made

        self._by_chance = provider(ParentBased(TraceIdRatioBased(share))).get_tracer("rapt")
        self._always = provider(ALWAYS_ON).get_tracer("rapt")
        self._epoch_ns = time.time_ns() - time.monotonic_ns()

    def begin(
        self, name: str, *, parent: str = "", begun_s: float | None = None, **values: Value
    ) -> "OtlpSpan":
        """Begin a span; chance decides whether it is recorded, or the parent, if there is one."""
        span = self._by_chance.start_span(
            name, _context(parent), start_time=self._at_ns(begun_s), attributes=_named(values)
        )
        return OtlpSpan(span, self._epoch_ns)

    def record(  # a whole span at once, named
        self,
        name: str,
        *,
        links: Iterable[Span] = (),
        parent: Span | None = None,
        begun_s: float,
        ended_s: float,
        **values: Value,
    ) -> "OtlpSpan":
        """Record something that is over, whatever chance says."""
        span = self._always.start_span(
            name,
            _context("" if parent is None else parent.traceparent),
            links=[link for link in map(_link, links) if link is not None],
            start_time=self._at_ns(begun_s),
            attributes=_named(values),
        )
        recorded = OtlpSpan(span, self._epoch_ns)
        recorded.end(ended_s)
        return recorded

    def close(self) -> None:
        """Send what waits, for a moment, and end."""
        self._outgoing.shutdown()

    def _at_ns(self, at_s: float | None) -> int | None:
        return None if at_s is None else self._epoch_ns + round(at_s * 1e9)


class OtlpSpan:
    """Something that lasts."""

    def __init__(self, span: OpenSpan, epoch_ns: int) -> None:
        self._span = span
        self._epoch_ns = epoch_ns

    @property
    def is_recorded(self) -> bool:
        """Whether anybody will see it."""
        return self._span.get_span_context().trace_flags.sampled

    @property
    def traceparent(self) -> str:
        """What another process needs to go on under it."""
        here = self._span.get_span_context()
        return f"00-{here.trace_id:032x}-{here.span_id:016x}-{int(here.trace_flags.sampled):02x}"

    def note(self, **values: Value) -> None:
        """Add what is known now."""
        self._span.set_attributes(_named(values))

    def link(self, other: Span) -> None:
        """Point at something that it had to do with."""
        link = _link(other)
        if link is not None:
            self._span.add_link(link.context)

    def end(self, at_s: float | None = None) -> None:
        """End it."""
        self._span.end(None if at_s is None else self._epoch_ns + round(at_s * 1e9))


class Outgoing(SpanProcessor):
    """Spans that have ended, on their way to the receiver."""

    def __init__(self, exporter: OTLPSpanExporter, counts: TraceCounts) -> None:
        self._exporter = exporter
        self._counts = counts
        self._waiting: deque[ReadableSpan] = deque()
        self._news = threading.Event()
        self._is_over = False
        self._is_heard = True
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Let a span wait; without room it is dropped."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        if len(self._waiting) >= MAX_WAITING or self._is_over:
            self._counts.queue_full()
            return
        self._waiting.append(span)
        if len(self._waiting) >= MAX_AT_ONCE:
            self._news.set()

    def shutdown(self) -> None:
        """Send what waits; what takes longer than `STOP_S` is dropped."""
        self._is_over = True
        self._news.set()
        self._thread.join(STOP_S)
        self._exporter.shutdown()

    def _run(self) -> None:
        is_over = False
        while not is_over:
            self._news.wait(EVERY_S)
            self._news.clear()
            is_over = self._is_over  # seen before the sending, so that whatever waits now is sent
            while self._waiting and self._send():
                pass

    def _send(self) -> bool:
        spans = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_AT_ONCE))]
        try:
            is_heard = self._exporter.export(spans) is SpanExportResult.SUCCESS
        except Exception:  # noqa: BLE001  root of a thread; whatever it is, the spans are lost
            is_heard = False
        if is_heard:
            self._counts.sent(len(spans))
        else:
            self._counts.not_sent(len(spans))
        if is_heard != self._is_heard:
            log.warning("traces_heard_again" if is_heard else "traces_lost", spans=len(spans))
        self._is_heard = is_heard
        return is_heard


def _context(traceparent: str) -> Context:
    """Return the context under a span of another process, or of ours; empty = a new trace."""
    found = parse_traceparent(traceparent)
    if found is None:
        return Context()
    trace, span, flags = found
    parent = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(flags))
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _link(other: Span) -> Link | None:
    found = parse_traceparent(other.traceparent)
    if found is None or not other.is_recorded:
        return None
    trace, span, flags = found
    return Link(SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(flags)))


def _named(values: dict[str, Value]) -> dict[str, Value]:
    return {f"rapt.{key}": value for key, value in values.items()}

"""Where spans go. Without an endpoint there is no tracer, and no exporter is loaded."""

from rapt.errors import Misconfigured
from rapt.tracing.spans import TraceCounts, Tracer


def open_tracer(  # noqa: PLR0913  # all that a tracer knows about where it is
    endpoint: str, *, process: str, name: str, share: float, counts: TraceCounts, setting: str
) -> Tracer | None:
    """Open what sends spans to an OTLP receiver; None without an endpoint.

    Args:
        endpoint: http://host:4317 or https://host:4317, OTLP over gRPC.
        process: what kind of process we are.
        name: which one of its kind; may be empty.
        share: of the sessions that are recorded, 0..1.
        counts: told what becomes of the spans.
        setting: where the endpoint stands, for the message.

    Raises:
        Misconfigured: it is no such address, or OpenTelemetry is not installed.
    """
    if not endpoint:
        return None
    if not endpoint.startswith(("http://", "https://")):
        raise Misconfigured(f"{setting} is {endpoint!r}; it must look like http://127.0.0.1:4317")
    try:
        from rapt.tracing.otlp import OtlpTracer  # noqa: PLC0415  only who wants traces loads it
    except ImportError as error:
        raise Misconfigured(f"{setting} is set; install rapt[traces], too") from error
    return OtlpTracer(endpoint, process=process, name=name, share=share, counts=counts)

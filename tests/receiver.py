"""A receiver of traces: OTLP over gRPC on loopback, as a collector is one."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc
from opentelemetry.proto.trace.v1 import trace_pb2 as trace

from tests.waiting import wait_until


class Receiver(service_grpc.TraceServiceServicer):
    """Keeps every span, and the name of the service that sent it."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.services: set[str] = set()
        self.raw = b""
        """All that came, for who looks for what should not be there."""
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._spans: list[trace.Span] = []

    def Export(  # noqa: N802  the name is OTLP's
        self, request: service.ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> service.ExportTraceServiceResponse:
        """Take what is sent, when that is allowed."""
        del context
        self.may_answer.wait(30)
        self.raw += request.SerializeToString()
        for one in request.resource_spans:
            values = {item.key: item.value.string_value for item in one.resource.attributes}
            self.services.add(values["service.name"])
            for scope in one.scope_spans:
                self._spans.extend(scope.spans)
        return service.ExportTraceServiceResponse()

    def named(self, name: str) -> list[trace.Span]:
        """Return the spans of a name that have come so far."""
        return [span for span in self._spans if span.name == name]

    def wait_for(self, name: str, number: int = 1) -> list[trace.Span]:
        """Return them when there are so many."""
        wait_until(lambda: len(self.named(name)) >= number, f"{number} spans {name}")
        return self.named(name)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run one."""
    receiver = Receiver()
    server = grpc.server(ThreadPoolExecutor(2))
    service_grpc.add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]  # generated
    receiver.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.stop(None).wait()


def values_of(span: trace.Span) -> dict[str, object]:
    """Return the attributes of a span."""
    return {
        item.key: getattr(item.value, item.value.WhichOneof("value") or "string_value")
        for item in span.attributes
    }

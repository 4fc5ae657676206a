"""Spans reach a receiver, and nobody waits for one that is not there."""

import subprocess
import sys
import time
from itertools import pairwise

import pytest
from prometheus_client import CollectorRegistry
from rapt.cli.ports import free_ports
from rapt.errors import Misconfigured
from rapt.tracing import otlp
from rapt.tracing.opening import open_tracer
from rapt.tracing.spans import TraceCounts, Tracer, parse_traceparent, traceparent_of

from tests.receiver import receiving, values_of
from tests.waiting import wait_until

VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let spans take their time to a receiver that is there."""
    monkeypatch.setattr(otlp, "ANSWER_S", 60.0)
    monkeypatch.setattr(otlp, "STOP_S", 60.0)


def a_tracer(endpoint: str, registry: CollectorRegistry | None = None, share: float = 1) -> Tracer:
    """Return one that sends there."""
    counts = TraceCounts(registry or CollectorRegistry())
    tracer = open_tracer(
        endpoint, process="toy", name="one", share=share, counts=counts, setting="RAPT_TOY_TRACES"
    )
    assert tracer is not None
    return tracer


def test_without_an_endpoint_nothing_is_loaded() -> None:
    """Whoever does not ask pays nothing; what other libraries load besides is theirs."""
    program = (
        "import sys, inference.__main__, gateway.app, analytics.__main__;"
        "from rapt.tracing.opening import open_tracer;"
        "assert open_tracer('', process='', name='', share=1, counts=None, setting='') is None;"
        "ours = ('rapt.tracing.otlp', 'opentelemetry.exporter');"
        "print([name for name in sys.modules if name.startswith(ours)])"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_an_endpoint_without_a_scheme_is_refused() -> None:
    """Else nobody would know whether it is encrypted."""
    with pytest.raises(Misconfigured, match="RAPT_TOY_TRACES"):
        a_tracer("127.0.0.1:4317")


@pytest.mark.usefixtures("_patient")
def test_a_span_goes_on_under_that_of_another_process() -> None:
    """Same trace, right parent, its own values, its own length."""
    with receiving() as receiver:
        tracer = a_tracer(receiver.endpoint)
        outer = tracer.begin("outer", size=3)
        inner = tracer.begin("inner", parent=outer.traceparent)
        tracer.record("short", parent=inner, links=[outer], begun_s=1.0, ended_s=1.5, cut="full")
        inner.end()
        outer.note(done=True)
        outer.end()
        tracer.close()
        (outside,), (inside,), (short,) = map(receiver.wait_for, ("outer", "inner", "short"))
    assert outside.trace_id == inside.trace_id == short.trace_id
    assert inside.parent_span_id == outside.span_id
    assert short.links[0].span_id == outside.span_id
    assert short.end_time_unix_nano - short.start_time_unix_nano == 500_000_000
    assert values_of(outside) == {"rapt.size": 3, "rapt.done": True}
    assert receiver.services == {"rapt-toy"}


@pytest.mark.usefixtures("_patient")
def test_the_share_decides_alone_where_nobody_did_before() -> None:
    """At a share of nothing only what others record is recorded, and the decision travels."""
    with receiving() as receiver:
        tracer = a_tracer(receiver.endpoint, share=0)
        alone = tracer.begin("alone")
        below = tracer.begin("below", parent=alone.traceparent)
        asked = tracer.begin("asked", parent=VALID)
        assert (alone.is_recorded, below.is_recorded, asked.is_recorded) == (False, False, True)
        for span in (alone, below, asked):
            span.end()
        tracer.close()
        receiver.wait_for("asked")
        assert not receiver.named("alone") + receiver.named("below")


def test_a_receiver_that_is_not_there_costs_spans_and_nothing_else() -> None:
    """They are counted, and what has ended does not pile up."""
    registry = CollectorRegistry()
    tracer = a_tracer(f"http://127.0.0.1:{free_ports(1)[0]}", registry)
    ended = otlp.MAX_WAITING + otlp.MAX_AT_ONCE + 100
    for _ in range(ended):
        tracer.begin("lost").end()
    full = registry.get_sample_value("rapt_spans_dropped_total", {"reason": "queue_full"})
    assert full is not None
    assert full >= 100
    tracer.close()


def test_a_receiver_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has not taken in time is dropped and counted."""
    monkeypatch.setattr(otlp, "STOP_S", 0.2)
    registry = CollectorRegistry()
    with receiving() as receiver:
        receiver.may_answer.clear()
        tracer = a_tracer(receiver.endpoint, registry)
        tracer.begin("stuck").end()
        tracer.close()
        receiver.may_answer.set()
    wait_until(lambda: _dropped(registry) == 1, "it is counted")


def test_what_is_no_traceparent_is_ignored() -> None:
    """A client may send anything; it may not break a call."""
    assert parse_traceparent(VALID) is not None
    wrong = ["", "00-" + "0" * 32 + "-b7ad6b7169203331-01", VALID.upper(), VALID + "\n", "ü"]
    assert [parse_traceparent(text) for text in wrong] == [None] * len(wrong)
    assert traceparent_of([("a", "b"), ("traceparent", b"\xff"), ("traceparent", VALID)]) == VALID
    assert traceparent_of(None) == ""


@pytest.mark.usefixtures("_patient")
def test_times_of_a_record_follow_one_clock() -> None:
    """Two that follow each other do so in the trace."""
    with receiving() as receiver:
        tracer, now_s = a_tracer(receiver.endpoint), time.monotonic()
        for number in range(3):
            tracer.record(f"{number}", begun_s=now_s + number, ended_s=now_s + number + 1)
        tracer.close()
        spans = [receiver.wait_for(str(number))[0] for number in range(3)]
    assert all(a.end_time_unix_nano == b.start_time_unix_nano for a, b in pairwise(spans))


def _dropped(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("rapt_spans_dropped_total", {"reason": "not_sent"})

"""A stream and its batches as a receiver of traces sees them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry
from rapt.tracing import otlp
from rapt.tracing.opening import open_tracer
from rapt.tracing.spans import TraceCounts, Tracer

from inference import traces
from inference.engine.times import DECODE
from inference.perception.look import Look, Seen, Unreadable
from inference.scheduling.stages import Ran, StageRun
from tests.inference.calling import WITHIN_S, Call, a_frame
from tests.inference.fakes import FakePipeline, House, running_house
from tests.receiver import Receiver, receiving, values_of

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_RECORDED = PARENT[:-1] + "0"


class Reporting(FakePipeline):
    """Says which networks ran."""

    def run(self, prepared: Sequence[Look]) -> Ran[Seen | Unreadable]:
        """Answer, and report a decoding and a network."""
        number = len(prepared)
        stages = (StageRun(DECODE, number, number, 0.001), StageRun("mesh", number, number, 0.002))
        return Ran(self.observe(prepared), stages)


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let spans take their time to a receiver that is there."""
    monkeypatch.setattr(otlp, "ANSWER_S", WITHIN_S)
    monkeypatch.setattr(otlp, "STOP_S", WITHIN_S)


@asynccontextmanager
async def traced_house(receiver: Receiver) -> AsyncIterator[House]:
    """Run a worker whose spans go there."""
    tracer = a_tracer(receiver)
    async with running_house(Reporting(), tracer=tracer, token="sesame") as house:  # noqa: S106  a test's own
        yield house
    await asyncio.to_thread(tracer.close)


def a_tracer(receiver: Receiver) -> Tracer:
    """Return one that records everything."""
    counts = TraceCounts(CollectorRegistry())
    tracer = open_tracer(
        receiver.endpoint, process="inference", name="w", share=1, counts=counts, setting=""
    )
    assert tracer is not None
    return tracer


async def one_stream(house: House, *, traceparent: str = "", frames: int = 1) -> None:
    """Open, send frames, wait for each verdict, close."""
    call = Call(house.channel, token="sesame", traceparent=traceparent)  # noqa: S106  as above
    await call.opened(session_id=11)
    for sequence in range(1, frames + 1):
        await call.send(frame=a_frame(sequence))
        await call.until("verdict")
    await call.closed()
    await call.status()


@pytest.mark.usefixtures("_patient")
async def test_a_stream_stands_under_its_session_and_links_to_its_batches() -> None:
    """And each batch links back, with its cut, its times, and its networks below it."""
    with receiving() as receiver:
        async with traced_house(receiver) as house:
            await one_stream(house, traceparent=PARENT, frames=2)
        (stream,), batches = receiver.wait_for("stream"), receiver.wait_for("batch", 2)
        steps = {name: receiver.wait_for(name, 2) for name in ("queue", "prepare", "run")}
        (mesh, _), (decode, _) = receiver.wait_for("mesh", 2), receiver.wait_for("decode", 2)
    assert (stream.trace_id.hex(), stream.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    assert {link.span_id for link in stream.links} == {batch.span_id for batch in batches}
    assert all(batch.links[0].span_id == stream.span_id for batch in batches)
    values = values_of(batches[0])
    assert values.keys() >= {"rapt.queue_s", "rapt.prepare_s", "rapt.run_s", "rapt.queue_mean_s"}
    assert (values["rapt.frames"], values["rapt.bucket"], values["rapt.cut"]) == (1, 1, "idle")
    ids = {batch.span_id for batch in batches}
    assert all(step.parent_span_id in ids for kind in steps.values() for step in kind)
    assert mesh.parent_span_id in {step.span_id for step in steps["run"]}
    assert decode.parent_span_id in {step.span_id for step in steps["prepare"]}
    assert values_of(stream)["rapt.frames_answered"] == 2


@pytest.mark.usefixtures("_patient")
async def test_nothing_of_a_person_is_in_a_trace() -> None:
    """No picture, no token, no tenant, no user; the session's number is that of the log."""
    with receiving() as receiver:
        async with traced_house(receiver) as house:
            await one_stream(house)
        (stream,) = receiver.wait_for("stream")
        assert values_of(stream)["rapt.session_id"] == "11"
        for secret in (b"sesame", b"a picture", b"tenant", b"user", b"puppet"):
            assert secret not in receiver.raw


@pytest.mark.usefixtures("_patient")
async def test_a_stream_that_its_gateway_does_not_record_is_not_recorded() -> None:
    """Nor are batches with nobody in them who is."""
    with receiving() as receiver:
        async with traced_house(receiver) as house:
            await one_stream(house, traceparent=NOT_RECORDED)
            await one_stream(house, traceparent=PARENT)
        assert len(receiver.wait_for("stream")) == 1
        assert len(receiver.wait_for("batch")) == 1


async def test_frames_are_answered_though_nobody_takes_their_traces() -> None:
    """A receiver that hangs, with something under way to it, holds nobody up."""
    with receiving() as receiver:
        receiver.may_answer.clear()
        async with traced_house(receiver) as house:
            async with asyncio.timeout(WITHIN_S):
                for _ in range(5):
                    await one_stream(house, frames=3)
            value = house.metrics.registry.get_sample_value("rapt_frames_answered_total")
        assert value == 15
        assert not receiver.named("stream")


@pytest.mark.usefixtures("_patient")
async def test_no_more_batches_are_recorded_than_a_host_can_bear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are counted, and answered all the same."""
    monkeypatch.setattr(traces, "MAX_BATCHES_PER_S", 1)
    with receiving() as receiver:
        async with traced_house(receiver) as house:
            await one_stream(house, frames=4)
            skipped = house.metrics.registry.get_sample_value(
                "rapt_spans_dropped_total", {"reason": "too_many"}
            )
        assert skipped is not None
        assert len(receiver.wait_for("batch")) + skipped == 4
        assert skipped >= 1

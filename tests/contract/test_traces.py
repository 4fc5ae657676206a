"""Gateway and worker tell one story: a session, below it its stream, and its batches."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry
from rapt.tracing.opening import open_tracer
from rapt.tracing.spans import TraceCounts

from tests.gateway.running import config_for, event, frame, run_gateway
from tests.inference.fakes import running_house
from tests.receiver import receiving, values_of


async def test_a_stream_is_found_below_its_session(tmp_path: Path) -> None:
    """The place in the trace travels with the call; the name of the student does not."""
    with receiving() as receiver:
        tracer = open_tracer(
            receiver.endpoint,
            process="inference",
            name="",
            share=0,  # the gateway's decision counts
            counts=TraceCounts(CollectorRegistry()),
            setting="",
        )
        async with running_house(tracer=tracer) as house:
            config = config_for(
                tmp_path, f"127.0.0.1:{house.worker.port}", traces=receiver.endpoint
            )
            async with run_gateway(config) as gateway, gateway.student() as browser:
                await browser.send(player_event=event(1))
                await browser.send(frame=frame(1))
                await browser.next_of("verdict")
        assert tracer is not None
        await asyncio.to_thread(tracer.close)
        (session,), (stream,) = receiver.wait_for("session"), receiver.wait_for("stream")
        (batch,) = receiver.wait_for("batch")
    assert (stream.trace_id, stream.parent_span_id) == (session.trace_id, session.span_id)
    assert batch.links[0].span_id == stream.span_id
    assert values_of(session)["rapt.session_id"] == values_of(stream)["rapt.session_id"]
    assert receiver.services == {"rapt-gateway", "rapt-inference"}
    assert b"Lovelace" not in receiver.raw
    assert b"picture" not in receiver.raw

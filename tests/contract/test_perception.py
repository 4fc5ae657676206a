"""A worker of ours and the one that stands for it in the gateway's tests keep the same contract."""

import time
from collections.abc import AsyncIterator

import grpc
import pytest
from rapt.bearer import metadata_with
from rapt.cli.credentials import load_credentials
from rapt.deadline import MAX_BUDGET_MS
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import perception_pb2_grpc

from tests.gateway.fakes import FakeWorker
from tests.services import Services

WITHIN_S = 60.0
Call = grpc.aio.StreamStreamCall[perception.ObserveRequest, perception.ObserveResponse]


@pytest.fixture(params=["fake", "real"])
async def worker(
    request: pytest.FixtureRequest, running: Services
) -> AsyncIterator[tuple[str, str]]:
    """Return where a worker listens, and its token."""
    if request.param == "real":
        token = load_credentials(running.data).inference_token
        yield running.running.inference_address, token
        return
    fake = FakeWorker()
    await fake.start()
    yield fake.address, ""
    await fake.die()


@pytest.fixture
async def call(worker: tuple[str, str]) -> AsyncIterator[Call]:
    """Return a call that has been opened."""
    address, token = worker
    async with grpc.aio.insecure_channel(address) as channel:
        stub = perception_pb2_grpc.PerceptionStub(channel)
        opened = stub.Observe(metadata=metadata_with(token), timeout=WITHIN_S)
        await opened.write(perception.ObserveRequest(open=_open()))
        assert (await _next(opened, "opened")).opened.model
        yield opened
        opened.cancel()


def _open() -> perception.Open:
    return perception.Open(
        tenant_id=7,
        content_id=time.time_ns(),
        session_id=time.time_ns(),
        user_key=7,
        role=perception.ROLE_STUDENT,
        fence=1,
        opened_at_us=time.time_ns() // 1000,
        content_kind=perception.CONTENT_KIND_VIDEO,
        content_length_ms=60_000,
        policy="adult/1",
        keep_days=1,
        camera_keep_days=1,
        device="desktop",
    )


def _event(seq: int) -> perception.ObserveRequest:
    return perception.ObserveRequest(
        player_event=perception.PlayerEvent(
            seq=seq,
            kind=perception.EVENT_KIND_MARK,
            at_us=time.time_ns() // 1000,
            player=perception.PLAYER_STATE_PAUSED,
            rate_pct=100,
            visible=True,
        )
    )


async def _next(call: Call, kind: str) -> perception.ObserveResponse:
    """Return the next answer of a kind."""
    while True:
        answer = await call.read()
        assert isinstance(answer, perception.ObserveResponse), "the call ended too early"
        if answer.WhichOneof("message") == kind:
            return answer


async def test_a_frame_gets_a_verdict_with_its_number(call: Call, portrait: bytes) -> None:
    """With one to three reasons and the pace."""
    frame = perception.Frame(sequence=3, captured_us=5, budget_ms=MAX_BUDGET_MS, image=portrait)
    await call.write(perception.ObserveRequest(frame=frame))
    verdict = (await _next(call, "verdict")).verdict
    assert (verdict.sequence, verdict.captured_us) == (3, 5)
    assert verdict.state != perception.STATE_UNSPECIFIED
    assert 0 < verdict.probability <= 1
    assert 1 <= len(verdict.reasons) <= 3
    assert verdict.control.acked_sequence == 3
    assert verdict.control.credits >= 1


async def test_an_event_is_acknowledged_by_number_also_when_it_comes_again(call: Call) -> None:
    """The acknowledgement never goes back."""
    for seq in (1, 2, 2):
        await call.write(_event(seq))
        while (await _next(call, "control")).control.acked_event_seq < seq:
            pass


async def test_close_is_answered_last_with_what_is_safe(call: Call) -> None:
    """Nothing follows."""
    await call.write(_event(1))
    close = perception.Close(reason=perception.EXIT_REASON_LEFT)
    await call.write(perception.ObserveRequest(close=close))
    closed = (await _next(call, "closed")).closed
    assert closed.acked_event_seq == 1
    assert closed.frames_received == 0
    assert await call.read() is grpc.aio.EOF

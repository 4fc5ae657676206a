"""ModelStreamInfer over real gRPC: each request has one reply, whatever becomes of the others."""

import asyncio
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Unavailable
from rapt.oip import inference_pb2 as pb

from inference.oip import streaming
from inference.oip.models import Outcome, Reply
from inference.oip.streaming import ReplyStream
from tests.inference.calling import WITHIN_S
from tests.inference.oip.serving import (
    POISON,
    Client,
    SummingDevice,
    a_request,
    serving,
    summing,
    sums_of,
    until,
)


def stream_of(client: Client, *metadata: tuple[str, str]) -> Any:
    """Open a stream; grpc's own type of it is generic in both directions."""
    return client.stub.ModelStreamInfer(metadata=metadata)


async def answers(call: Any) -> list[pb.ModelStreamInferResponse]:
    """Say that nothing follows, and read to the end."""
    await call.done_writing()
    return [message async for message in call]


async def test_every_request_has_one_reply_and_errors_are_messages() -> None:
    """A wrong one among good ones, bytes that are no message, one that breaks its batch."""
    async with serving({"sum": summing()}) as client:
        call = stream_of(client)
        for number in range(20):
            await call.write(a_request([number, 0, 0], id=str(number)))
        await call.write(a_request(model_name="nobody", id="lost"))
        first = await answers(call)
        replies = {m.infer_response.id: m for m in first}
        assert len(first) == len(replies) == 21
        assert all(sums_of(replies[str(n)].infer_response) == [n] for n in range(20))
        assert "no model" in replies["lost"].error_message
        poisoned = stream_of(client)
        await poisoned.write(a_request([POISON, 0, 0], id="bad"))
        (bad,) = await answers(poisoned)
        assert (bad.infer_response.id, "our fault" in bad.error_message) == ("bad", True)


async def test_a_caller_that_wants_a_status_gets_one() -> None:
    """`triton_grpc_error: true`: the first error ends the call."""
    async with serving({"sum": summing()}) as client:
        call = stream_of(client, ("triton_grpc_error", "true"))
        await call.write(a_request(model_name="nobody"))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_message_that_is_none_does_not_end_the_stream() -> None:
    """It is told so in-band; the next one is answered."""
    async with serving({"sum": summing()}) as client:
        raw: Any = client.channel.stream_stream(
            "/inference.GRPCInferenceService/ModelStreamInfer",
            response_deserializer=pb.ModelStreamInferResponse.FromString,
        )
        call = raw()
        await call.write(b"\xff\xff\xff")
        await call.write(a_request().SerializeToString())
        said = await answers(call)
        assert sorted(bool(message.error_message) for message in said) == [False, True]


async def test_a_stream_that_is_cut_gives_every_place_back() -> None:
    """Nothing of it is under way afterwards; another stream goes on."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}) as client:
        device.may_go.clear()
        call = stream_of(client)
        for _ in range(9):
            await call.write(a_request())
        await until(lambda: client.waiting == 9)
        call.cancel()
        await until(lambda: client.waiting == 0)
        device.may_go.set()
        assert sums_of(await client.ask("ModelInfer", a_request())) == [6]


class Held:
    """A request that is answered when the test says so."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.is_over = False
        self.was_cancelled = False

    def answer(self, outcome: Outcome) -> None:
        """Answer it."""
        self.is_over = True
        self.reply(outcome)

    def cancel(self) -> None:
        """Note that nobody waits."""
        self.was_cancelled = True


class Script:
    """Plays the service and both sides of a call."""

    def __init__(self, requests: int, *, ends_with_status: bool = False) -> None:
        self.requests = requests
        self.held: list[Held] = []
        self.written: list[pb.ModelStreamInferResponse] = []
        self.stream = ReplyStream(self.begin, ends_with_status=ends_with_status)

    def begin(self, request: streaming.Received, reply: Reply) -> Held:
        """Hold a request."""
        assert isinstance(request, pb.ModelInferRequest)
        held = Held(reply)
        self.held.append(held)
        return held

    async def send(self) -> Any:
        """Yield the requests."""
        for number in range(self.requests):
            yield pb.ModelInferRequest(id=str(number))
            await asyncio.sleep(0)

    async def write(self, message: pb.ModelStreamInferResponse) -> None:
        """Take a reply."""
        self.written.append(message)

    async def run(self) -> None:
        """Run the call."""
        await self.stream.run(self.send(), self.write)


@given(order=st.permutations(range(6)))
def test_replies_leave_in_the_order_in_which_they_are_ready(order: list[int]) -> None:
    """And the call ends when the last one is written."""

    async def play() -> None:
        script = Script(6)
        running = asyncio.create_task(script.run())
        await until(lambda: len(script.held) == 6)
        for number in order:
            script.held[number].answer(pb.ModelInferResponse(id=str(number)))
        await asyncio.wait_for(running, WITHIN_S)
        assert [int(m.infer_response.id) for m in script.written] == order

    asyncio.run(play())


async def test_a_caller_that_reads_nothing_is_not_read_any_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one call may hold is bounded; reading goes on with the first reply."""
    monkeypatch.setattr(streaming, "MAX_OPEN", 4)
    script = Script(10)
    running = asyncio.create_task(script.run())
    await until(lambda: len(script.held) == 4)
    await asyncio.sleep(0.02)
    assert len(script.held) == 4
    script.held[0].answer(pb.ModelInferResponse())
    await until(lambda: len(script.held) == 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [held.was_cancelled for held in script.held] == [False, *[True] * 4]


async def test_a_caller_that_takes_nothing_loses_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unavailable; what was under way is cancelled."""
    monkeypatch.setattr(streaming, "SLOW_READER_S", 0.05)
    script = Script(2)

    async def write(_: pb.ModelStreamInferResponse) -> None:
        await asyncio.Event().wait()

    running = asyncio.create_task(script.stream.run(script.send(), write))
    await until(lambda: len(script.held) == 2)
    script.held[0].answer(pb.ModelInferResponse())
    with pytest.raises(Unavailable, match="nothing was read"):
        await running
    assert script.held[1].was_cancelled

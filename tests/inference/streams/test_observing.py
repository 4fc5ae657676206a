"""Perception.Observe and its callers: tokens, tenants, bytes that are no message."""

import asyncio
import gc
from collections.abc import Callable
from hashlib import sha256
from types import FrameType
from typing import Any

import grpc
import pytest
from rapt.bearer import metadata_with
from rapt.v1 import perception_pb2 as pb

from inference.grants import Grant, Grants
from inference.streams import observing
from tests.inference.calling import Call, a_frame, an_open
from tests.inference.fakes import running_house

SEVEN = "of-tenant-seven"


def seven(**limits: Any) -> Grants:
    """Return grants in which tenant 7 has a token of its own."""
    digest = sha256(SEVEN.encode()).digest()
    return Grants(token="of-the-gateway", tenants={digest: Grant(7, **limits)})  # noqa: S106  opens only this worker


async def test_a_tenant_opens_its_own_sessions_alone() -> None:
    """PERMISSION_DENIED for another's; a gateway's token opens everyone's."""
    async with running_house(grants=seven()) as house:
        own = Call(house.channel, token=SEVEN)
        await own.opened(tenant_id=7)
        others = Call(house.channel, token=SEVEN)
        await others.send(open=an_open(tenant_id=8, session_id=12))
        status, sentence = await others.status()
        assert (status, "tenant 7" in sentence) == (grpc.StatusCode.PERMISSION_DENIED, True)
        gateway = Call(house.channel, token="of-the-gateway")  # noqa: S106  opens only this worker
        await gateway.opened(tenant_id=8, session_id=12)
        stranger = Call(house.channel)
        status, _ = await stranger.status()
        assert status is grpc.StatusCode.UNAUTHENTICATED


async def test_a_tenant_opens_as_many_streams_as_it_may() -> None:
    """RESOURCE_EXHAUSTED with a push-back; another tenant is not touched."""
    async with running_house(grants=seven(max_streams=1)) as house:
        first = Call(house.channel, token=SEVEN)
        await first.opened(tenant_id=7)
        second = Call(house.channel, token=SEVEN)
        await second.send(open=an_open(tenant_id=7, session_id=12))
        status, _ = await second.status()
        assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
        trailer = dict(await second.grpc.trailing_metadata() or ())
        assert int(trailer["grpc-retry-pushback-ms"]) > 0


async def test_bytes_that_are_no_message_are_answered_and_the_stream_goes_on() -> None:
    """A Shed for them, a verdict for the frame after them."""
    async with running_house() as house:
        raw: Callable[..., Any] = house.channel.stream_stream("/rapt.v1.Perception/Observe")
        call = raw(metadata=metadata_with(""))
        for message in (
            pb.ObserveRequest(open=an_open()).SerializeToString(),
            b"\xff\xff\xff",
            pb.ObserveRequest(frame=a_frame(1)).SerializeToString(),
            pb.ObserveRequest(close=pb.Close()).SerializeToString(),
        ):
            await call.write(message)
        answers = [pb.ObserveResponse.FromString(data) async for data in call]
        kinds = [answer.WhichOneof("message") for answer in answers]
        assert kinds.count("verdict") == 1
        sheds = [answer.shed for answer in answers if answer.WhichOneof("message") == "shed"]
        assert [shed.reason for shed in sheds] == [pb.SHED_REASON_REJECTED_MESSAGE]
        assert kinds[-1] == "closed"


async def test_bytes_that_are_no_opening_end_the_call() -> None:
    """INVALID_ARGUMENT."""
    async with running_house() as house:
        raw: Callable[..., Any] = house.channel.stream_stream("/rapt.v1.Perception/Observe")
        call = raw()
        await call.write(b"\xff\xff\xff")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_call_that_opens_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of them would be counted nowhere; one that came before and has opened stays."""
    monkeypatch.setattr(observing, "OPENS_WITHIN_S", 2.0)
    async with running_house() as house:
        call = house.call()
        await call.opened()
        silent = [house.call() for _ in range(20)]
        statuses = await asyncio.gather(*(call.status() for call in silent))
        assert {code for code, _ in statuses} == {grpc.StatusCode.DEADLINE_EXCEEDED}
        await call.closed()


async def test_no_error_holds_the_call_that_it_ended() -> None:
    """Nor the call the error: a quiet worker looks for such circles once in an hour."""
    async with running_house() as house:
        gc.disable()
        try:
            for _ in range(5):  # the first is over when the last has been answered
                call = Call(house.channel)
                await call.send(open=pb.Open())
                assert (await call.status())[0] is grpc.StatusCode.INVALID_ARGUMENT
            frames = [one for one in gc.get_objects() if type(one) is FrameType]
            names = [one.f_code.co_name for one in frames if "inference" in one.f_code.co_filename]
            assert not {"_serve", "observe", "end_call"} & set(names)
        finally:
            gc.enable()

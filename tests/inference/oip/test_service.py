"""Models by name over real gRPC: what they are, what they answer, and how they refuse."""

import asyncio
import gc
from functools import partial
from hashlib import sha256
from typing import Any

import grpc
import pytest
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc

from inference.grants import Grant, Grants
from inference.oip.asking import Gathering
from tests.inference.fakes import running_house
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


async def test_a_client_learns_everything_before_it_asks() -> None:
    """Live, ready, name, extensions, tensors, configuration, index."""
    async with serving({"sum": summing()}) as client:
        assert (await client.ask("ServerLive", pb.ServerLiveRequest())).live
        assert (await client.ask("ServerReady", pb.ServerReadyRequest())).ready
        assert (await client.ask("ModelReady", pb.ModelReadyRequest(name="sum"))).ready
        assert not (await client.ask("ModelReady", pb.ModelReadyRequest(name="nobody"))).ready
        server = await client.ask("ServerMetadata", pb.ServerMetadataRequest())
        assert (server.name, "statistics" in server.extensions) == ("rapt", True)
        described = await client.ask("ModelMetadata", pb.ModelMetadataRequest(name="sum"))
        assert (described.versions, described.platform) == (["1"], "abacus")
        assert [(t.name, t.datatype, t.shape) for t in described.inputs] == [
            ("numbers", "INT32", [-1, 3])
        ]
        config = (await client.ask("ModelConfig", pb.ModelConfigRequest(name="sum"))).config
        assert (config.max_batch_size, config.input[0].dims) == (4, [3])
        assert config.input[0].data_type == pb.TYPE_INT32
        assert config.WhichOneof("scheduling_choice") == "dynamic_batching"
        assert config.parameters["numbers"].string_value == "what is summed"
        index = await client.ask("RepositoryIndex", pb.RepositoryIndexRequest())
        assert [(m.name, m.version, m.state) for m in index.models] == [("sum", "1", "READY")]


async def test_a_reply_carries_the_id_the_rows_and_the_final_mark() -> None:
    """Each row on its own, in order."""
    async with serving({"sum": summing()}) as client:
        reply = await client.ask("ModelInfer", a_request([1, 2, 3], [4, 5, 6], [7, 8, 9]))
        assert sums_of(reply) == [6, 15, 24]
        assert (reply.id, reply.model_name, reply.model_version) == ("7", "sum", "1")
        assert reply.outputs[0].shape == [3, 1]
        assert reply.parameters["triton_final_response"].bool_param


async def test_what_is_over_leaves_nothing_for_the_collector() -> None:
    """An answered request goes at once, with its tensors."""

    def left() -> list[object]:
        # By type: a dead weak proxy raises when it is asked for its class.
        return [one for one in gc.get_objects() if type(one) is Gathering]

    async with serving({"sum": summing()}) as client:
        gc.collect()  # of tests before
        gc.disable()
        try:
            await client.ask("ModelInfer", a_request([1, 2, 3], [4, 5, 6]))
            await until(lambda: not left())
        finally:
            gc.enable()


async def test_requests_that_wait_share_a_run() -> None:
    """Four clients at once are one batch, and the statistics say so."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}) as client:
        device.may_go.clear()
        first = asyncio.create_task(client.ask("ModelInfer", a_request()))
        await device.is_reached()
        rest = [asyncio.create_task(client.ask("ModelInfer", a_request())) for _ in range(6)]
        await until(lambda: client.waiting == 7)
        device.may_go.set()
        replies = await asyncio.gather(first, *rest)
        assert [sums_of(reply) for reply in replies] == [[6]] * 7
        asked = pb.ModelStatisticsRequest(name="sum")
        counted = (await client.ask("ModelStatistics", asked)).model_stats[0]
    assert sum(device.batches) == 7
    assert len(device.batches) < 7
    assert (counted.inference_count, counted.execution_count) == (7, len(device.batches))
    by_size = {batch.batch_size: batch.compute_infer.count for batch in counted.batch_stats}
    assert by_size == {size: device.batches.count(size) for size in set(device.batches)}


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        pytest.param(a_request(model_name="nobody"), "NOT_FOUND", "no model", id="no model"),
        pytest.param(a_request(model_version="2"), "NOT_FOUND", "version", id="no version"),
        pytest.param(
            pb.ModelInferRequest(model_name="sum"), "INVALID_ARGUMENT", "takes", id="no input"
        ),
        pytest.param(
            a_request(parameters={"timeout": "soon"}), "INVALID_ARGUMENT", "timeout", id="timeout"
        ),
        pytest.param(a_request(*[[1, 2, 3]] * 5), "INVALID_ARGUMENT", "1 to 4 rows", id="rows"),
        pytest.param(a_request([POISON, 0, 0]), "INTERNAL", "our fault", id="device fell over"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_a_sentence(
    request_: pb.ModelInferRequest, code: str, word: str
) -> None:
    """And the next request is answered."""
    async with serving({"sum": summing()}) as client:
        status, sentence = await client.refusal("ModelInfer", request_)
        assert (status.name, word in sentence) == (code, True), sentence
        assert sums_of(await client.ask("ModelInfer", a_request())) == [6]


async def test_bytes_that_are_no_message_are_the_callers_fault() -> None:
    """INVALID_ARGUMENT, and no traceback."""
    async with serving({"sum": summing()}) as client:
        call: Any = client.channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(b"\xff\xff\xff")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_what_is_not_offered_is_unimplemented() -> None:
    """Shared memory, loading, settings of traces and logs."""
    async with serving({"sum": summing()}) as client:
        for name in ("SystemSharedMemoryStatus", "RepositoryModelLoad", "TraceSetting"):
            call: Any = client.channel.unary_unary(f"/inference.GRPCInferenceService/{name}")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(b"")
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_more_requests_than_may_wait_are_refused_at_once() -> None:
    """UNAVAILABLE and when to come back; those that were taken are answered."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}, max_waiting=3) as client:
        device.may_go.clear()
        taken = [asyncio.create_task(client.ask("ModelInfer", a_request())) for _ in range(3)]
        await device.is_reached()
        await until(lambda: client.waiting == 3)
        status, sentence = await client.refusal("ModelInfer", a_request())
        assert (status.name, "3 requests wait" in sentence) == ("UNAVAILABLE", True)
        device.may_go.set()
        assert [sums_of(reply) for reply in await asyncio.gather(*taken)] == [[6]] * 3
        assert sums_of(await client.ask("ModelInfer", a_request())) == [6]


async def test_a_client_that_leaves_takes_nothing_from_the_others() -> None:
    """Its row is not run when it waits; its place is given back in any case."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}) as client:
        device.may_go.clear()
        calls = [asyncio.create_task(client.ask("ModelInfer", a_request())) for _ in range(5)]
        await device.is_reached()
        await until(lambda: client.waiting == 5)
        calls[0].cancel()
        calls[3].cancel()
        await until(lambda: client.waiting == 3)
        device.may_go.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
        left = [not isinstance(one, BaseException) and sums_of(one) == [6] for one in done]
        assert left == [False, True, True, False, True]
        assert client.waiting == 0


async def test_a_request_whose_time_is_too_short_is_told_so_and_never_run() -> None:
    """DEADLINE_EXCEEDED from us, long before the caller would give up, and no work at all."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}) as client:
        device.may_go.clear()
        first = asyncio.create_task(client.ask("ModelInfer", a_request()))
        await device.is_reached()
        hasty = a_request(parameters={"timeout": 1})
        refused = asyncio.create_task(client.refusal("ModelInfer", hasty))
        await asyncio.sleep(0.05)
        device.may_go.set()
        status, _ = await refused
        assert status is grpc.StatusCode.DEADLINE_EXCEEDED
        assert sums_of(await first) == [6]
        assert device.batches == [1]


async def test_a_token_is_asked_for_everything_but_health() -> None:
    """The gateway's own and a tenant's are good; others reach nothing."""
    tenant = {b"\0" * 32: Grant(7)}
    grants = Grants(token="right", tenants=tenant)  # noqa: S106  opens only this server
    async with serving({"sum": summing()}, grants=grants) as client:
        assert (await client.ask("ServerLive", pb.ServerLiveRequest())).live
        assert (await client.ask("ServerReady", pb.ServerReadyRequest())).ready
        for method, question in (
            ("ModelInfer", a_request()),
            ("ModelMetadata", pb.ModelMetadataRequest(name="sum")),
            ("ModelStatistics", pb.ModelStatisticsRequest()),
        ):
            status, _ = await client.refusal(method, question)
            assert status is grpc.StatusCode.UNAUTHENTICATED
        client.token = "right"  # noqa: S105  see above
        assert sums_of(await client.ask("ModelInfer", a_request())) == [6]


async def test_a_tenant_that_asks_too_often_is_told_so() -> None:
    """RESOURCE_EXHAUSTED, and not that the server is full."""
    digest = sha256(b"of tenant 7").digest()
    grants = Grants(tenants={digest: Grant(7, frames_per_s=0.01)})
    async with serving({"sum": summing()}, grants=grants, token="of tenant 7") as client:  # noqa: S106  opens only this server
        await client.ask("ModelInfer", a_request())
        status, sentence = await client.refusal("ModelInfer", a_request())
        assert (status.name, "0.01 requests a second" in sentence) == ("RESOURCE_EXHAUSTED", True)


async def test_a_server_that_stops_takes_nothing_new() -> None:
    """UNAVAILABLE; health says so first."""
    async with serving({"sum": summing()}) as client:
        await client.server.stop_accepting()
        assert not (await client.ask("ServerReady", pb.ServerReadyRequest())).ready
        status, _ = await client.refusal("ModelInfer", a_request())
        assert status is grpc.StatusCode.UNAVAILABLE


async def test_every_request_is_counted_by_its_outcome() -> None:
    """Names that callers make up are no labels."""
    async with running_house(networks={"sum": summing()}) as house:
        stub: Any = inference_pb2_grpc.GRPCInferenceServiceStub(house.channel)
        await stub.ModelInfer(a_request())
        for wrong in (a_request(model_name="nobody"), a_request([POISON, 0, 0]), a_request([1])):
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.ModelInfer(wrong)
        value = house.metrics.registry.get_sample_value
        for name, outcome in (
            ("sum", "answered"),
            ("sum", "failed"),
            ("sum", "rejected"),
            ("unknown", "rejected"),
        ):
            labels = {"model": name, "outcome": outcome}
            assert value("rapt_model_requests_total", labels) == 1
        assert (
            value("rapt_model_requests_total", {"model": "nobody", "outcome": "rejected"}) is None
        )
        assert value("rapt_model_requests_waiting") == 0


async def test_a_higher_priority_overtakes_and_a_lower_one_is_not_forgotten() -> None:
    """What waits is run in the order of its levels, whatever order it came in."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}) as client:
        device.may_go.clear()
        calls = [asyncio.create_task(client.ask("ModelInfer", a_request()))]
        await device.is_reached()
        for level in (9, 3, 0, 1) * 4:
            request = a_request([level, 0, 0], parameters={"priority": level})
            calls.append(asyncio.create_task(client.ask("ModelInfer", request)))
            await until(partial(_are_waiting, client, len(calls)))
        device.may_go.set()
        await asyncio.gather(*calls)
    # One batch may have been staged before the rest came.
    assert device.sums[0] == 6
    assert device.sums[5:9] == [1] * 4 or device.sums[1:5] == [1] * 4
    assert device.sums[-4:] == [9] * 4 or device.sums[-3:] == [9] * 3


def _are_waiting(client: Client, requests: int) -> bool:
    return client.waiting == requests

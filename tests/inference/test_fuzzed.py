"""Any bytes into any call: a typed answer each time, nothing under way afterwards, memory flat.

The bytes are noise, or a real message that was damaged. The usual run is short; the long one sends
200,000 inputs and looks at the memory, too.
"""

import asyncio
import gc
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
from rapt.oip import inference_pb2 as pb

from tests.inference.damage import damaged, infer_samples, observe_samples
from tests.inference.fakes import Call, House, running_house
from tests.inference.oip.serving import a_request, summing, sums_of, until

TYPED = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "DEADLINE_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
}
NOT_SENT = "NOT_SENT"
CUT_SHORT = "Internal error from Core"
"""What gRPC's own client says when the server ended the call while it was still sending."""
SERVICE = "/inference.GRPCInferenceService/"
QUESTIONS = ("ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "RepositoryIndex")
PER_STREAM = 50
TOGETHER = 16
LONG_INPUTS = 200_000
MAX_GROWN_MB = 40.0


async def ask(house: House, method: str, data: bytes) -> str:
    """Make a unary call with these bytes; return its status."""
    call: Any = house.channel.unary_unary(SERVICE + method)
    try:
        await call(data, timeout=30)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def stream(house: House, messages: Sequence[bytes]) -> int:
    """Send these bytes on one stream; return how many replies came."""
    call: Any = house.channel.stream_stream(
        SERVICE + "ModelStreamInfer",
        response_deserializer=pb.ModelStreamInferResponse.FromString,
    )()
    for data in messages:
        await call.write(data)
    await call.done_writing()
    return len([message async for message in call])


async def observe(house: House, messages: Sequence[bytes]) -> str:
    """Send these bytes as one session; return its status."""

    async def send() -> AsyncIterator[bytes]:
        for data in messages:
            yield data

    opened: Any = house.channel.stream_stream("/rapt.v1.Perception/Observe")
    call = opened(send())
    try:
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return NOT_SENT if error.details() == CUT_SHORT else error.code().name
    return "OK"


async def bombard(house: House, dice: random.Random, rounds: int) -> Counter[str]:
    """Send damaged bytes to every call; return how often each status came."""
    requests, sessions, counts = infer_samples(), observe_samples(), Counter[str]()
    for _ in range(rounds):
        waves = [ask(house, "ModelInfer", damaged(dice, requests)) for _ in range(TOGETHER)]
        waves += [ask(house, dice.choice(QUESTIONS), damaged(dice, requests)) for _ in range(4)]
        sent = [damaged(dice, requests) for _ in range(PER_STREAM)]
        said = [sessions[0], *(damaged(dice, sessions[1:]) for _ in range(PER_STREAM))]
        async with asyncio.TaskGroup() as tasks:
            streamed = tasks.create_task(stream(house, sent))
            observed = tasks.create_task(observe(house, said))
            answers = await asyncio.gather(*waves)
        assert streamed.result() == PER_STREAM
        counts.update([observed.result(), *answers])
    return counts


async def is_well(house: House) -> None:
    """See that nothing is left and that everything still works."""
    await until(lambda: house.worker._server._inference._room.requests == 0)
    await until(lambda: len(house.worker.load) == 0)
    infer: Any = house.channel.unary_unary(
        SERVICE + "ModelInfer",
        request_serializer=pb.ModelInferRequest.SerializeToString,
        response_deserializer=pb.ModelInferResponse.FromString,
    )
    assert sums_of(await infer(a_request())) == [6]
    call = Call(house.channel)
    await call.opened(session_id=99)
    await call.closed()


def bad_logs(logs: Sequence[Any]) -> list[Any]:
    """Return what was logged as an error."""
    return [entry for entry in logs if entry["log_level"] in {"error", "critical"}]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_bytes_have_a_typed_answer(seed: int) -> None:
    """In both services; afterwards the worker is as it was."""
    with structlog.testing.capture_logs() as logs:
        async with running_house(networks={"sum": summing()}) as house:
            counts = await bombard(house, random.Random(seed), 3)
            await is_well(house)
    assert bad_logs(logs) == []
    assert set(counts) <= TYPED | {NOT_SENT}, counts


@pytest.mark.long
async def test_two_hundred_thousand_inputs_leave_nothing_behind() -> None:
    """Typed answers, and memory that does not follow their number."""
    dice, per_round = random.Random(20_261_120), TOGETHER + 4 + 2 * PER_STREAM
    rounds = LONG_INPUTS // per_round + 1
    async with running_house(networks={"sum": summing()}) as house:
        with structlog.testing.capture_logs() as logs:
            counts = await bombard(house, dice, rounds // 5)
        gc.collect()
        began_mb, began_objects = memory_mb(), len(gc.get_objects())
        for _ in range(4):
            with structlog.testing.capture_logs() as logs:
                counts += await bombard(house, dice, rounds // 5)
            assert bad_logs(logs) == []
        logs.clear()
        await is_well(house)
        gc.collect()
        grown_mb, grown_objects = memory_mb() - began_mb, len(gc.get_objects()) - began_objects
    assert set(counts) <= TYPED | {NOT_SENT}, counts
    assert grown_mb < MAX_GROWN_MB, f"{grown_mb:.1f} MB, {grown_objects} objects"
    assert grown_objects < LONG_INPUTS / 20, f"{grown_mb:.1f} MB, {grown_objects} objects"


def memory_mb() -> float:
    """Return the memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2

"""Someone with a token of their own means harm over the Open Inference Protocol."""

import asyncio
import itertools
import math
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from rapt.bearer import metadata_with
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc

from benchmarks.breaking.damage import set_parameter
from benchmarks.breaking.student import CALL_OVER
from inference.oip.face_model import MAX_IDLE_S, MAX_SEQUENCES
from tests.faults.worker import ANSWER_S, OURS, SEVEN, Neighbour, Worker
from tests.inference.oip.test_face_model import a_frame

pytestmark = pytest.mark.usefixtures("neighbour")

FAR = 2**63 - 1
WRONG = {"INVALID_ARGUMENT"}
TYPED = {*WRONG, "OK", "NOT_FOUND", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}


@asynccontextmanager
async def asking(worker: Worker, token: str = SEVEN) -> AsyncIterator[Any]:
    """Return a function that asks and returns the status in words."""
    async with worker.channel() as channel:
        stub: Any = inference_pb2_grpc.GRPCInferenceServiceStub(channel)

        async def ask(request: pb.ModelInferRequest) -> str:
            try:
                await stub.ModelInfer(request, metadata=metadata_with(token), timeout=ANSWER_S)
            except grpc.aio.AioRpcError as error:
                return error.code().name if error.details() else "nothing said"
            return "OK"

        yield ask


def a_tensor(
    shape: list[int], raw: bytes = b"", datatype: str = "BYTES", name: str = "frame"
) -> pb.ModelInferRequest:
    """Return a request to `face` that says whatever it likes."""
    request = pb.ModelInferRequest(model_name="face")
    request.inputs.add(name=name, datatype=datatype, shape=shape)
    request.raw_input_contents.append(raw)
    return request


def wanting(count: int) -> pb.ModelInferRequest:
    """Return a request that wants one output many times."""
    request = a_frame(b"x")
    for _ in range(count):
        request.outputs.add(name="reasons")
    return request


LYING = struct.pack("<I", 2**32 - 1) + b"abc"
REQUESTS = [
    pytest.param(a_tensor([0, 1]), WRONG, id="no row"),
    pytest.param(a_tensor([-1, 1]), WRONG, id="minus one row"),
    pytest.param(a_tensor([FAR, FAR, FAR]), WRONG, id="more elements than numbers"),
    pytest.param(a_tensor([FAR, 1], LYING), WRONG, id="more rows than memory"),
    pytest.param(a_tensor([1] * 100_000), WRONG, id="a hundred thousand axes"),
    pytest.param(a_tensor([1, 1], LYING), WRONG, id="length past the end"),
    pytest.param(a_tensor([1, 1], b"\1"), WRONG, id="half a length"),
    pytest.param(a_tensor([2, 1], bytes(4)), WRONG, id="fewer elements than rows"),
    pytest.param(a_tensor([1, 1], bytes(4_000_000)), WRONG, id="a million empty elements"),
    pytest.param(a_tensor([1, 1], b"", "x" * 1_000_000), WRONG, id="a megabyte of datatype"),
    pytest.param(a_tensor([1, 1], b"", name="y" * 1_000_000), WRONG, id="a megabyte of name"),
    pytest.param(wanting(500_000), WRONG, id="half a million outputs"),
    pytest.param(a_frame(b"x", sequence_id="z" * 1_000_000), WRONG, id="a megabyte of sequence"),
    pytest.param(a_frame(b"x", sequence_id=9), WRONG, id="a sequence that was never begun"),
    pytest.param(a_frame(b"x", timeout=-FAR), WRONG, id="less than no time"),
    pytest.param(a_frame(b"x", timeout=1), {*WRONG, "DEADLINE_EXCEEDED"}, id="no time"),
    pytest.param(pb.ModelInferRequest(model_name="n" * 1_000_000), {"NOT_FOUND"}, id="long model"),
]


@pytest.mark.parametrize(("request_", "expected"), REQUESTS)
async def test_requests_that_lie(
    request_: pb.ModelInferRequest, expected: set[str], worker: Worker
) -> None:
    """Each is refused by a status and a sentence, before any work."""
    async with asking(worker) as ask:
        assert await ask(request_) in expected


async def test_numbers_that_are_none(worker: Worker) -> None:
    """A bare network takes NaN and infinity like other numbers; a wrong size is refused."""
    async with asking(worker) as ask:
        for value in (math.nan, math.inf, -math.inf, 1e38):
            raw = struct.pack("<f", value) * (128 * 128 * 3)
            request = pb.ModelInferRequest(model_name="face_detector")
            request.inputs.add(name="", datatype="FP32", shape=[1, 128, 128, 3])
            request.raw_input_contents.append(raw)
            assert await ask(request) in TYPED
        strange = a_frame(b"x", sequence_id=77, sequence_start=True)
        strange.parameters["rapt_captured_us"].double_param = math.nan
        assert await ask(strange) in WRONG
        for captured_us in (FAR, -FAR, 0):
            begun = a_frame(b"x", sequence_id=78, sequence_start=True)
            set_parameter(begun, "rapt_captured_us", captured_us)
            assert await ask(begun) in TYPED


@pytest.mark.long
async def test_ten_thousand_sequences_that_never_end(worker: Worker, portrait: bytes) -> None:
    """Memory for so many and no more; a caller of another tenant still begins one of its own."""
    before_mb, names, counts = worker.memory_mb(), itertools.count(1), Counter[str]()
    asked_s, begun_s = list[float](), list[float]()
    async with asking(worker) as ask:

        async def begin_many() -> None:
            while (name := next(names)) <= 10_000:
                began_s = time.monotonic()
                said = await ask(a_frame(b"no picture", sequence_id=name, sequence_start=True))
                counts[said] += 1
                if said == "INVALID_ARGUMENT":  # it began, with what is no picture
                    asked_s.append(began_s)
                    begun_s.append(time.monotonic())

        async with asyncio.TaskGroup() as tasks:
            for _ in range(64):
                tasks.create_task(begin_many())
    assert set(counts) == {"INVALID_ARGUMENT", "UNAVAILABLE"}, counts
    # On a slow machine the first ones are forgotten before the last ones come.
    pairs = zip(sorted(asked_s), sorted(begun_s)[MAX_SEQUENCES:], strict=False)
    assert all(later_s - first_s >= MAX_IDLE_S for first_s, later_s in pairs)
    async with asking(worker, OURS) as ask:
        assert await ask(a_frame(portrait, sequence_id=1, sequence_start=True)) == "OK"
        assert await ask(a_frame(portrait, sequence_id=1)) == "OK"
    assert worker.memory_mb() - before_mb < 150


async def test_a_flood_of_requests(worker: Worker, neighbour: Neighbour, portrait: bytes) -> None:
    """Three thousand pictures at once: some are answered, the rest are refused."""
    looked = neighbour.answered
    async with asking(worker) as ask:
        counts = Counter(await asyncio.gather(*(ask(a_frame(portrait)) for _ in range(3000))))
    assert set(counts) <= {"OK", "UNAVAILABLE", "DEADLINE_EXCEEDED"}, counts
    assert counts["OK"] > 0
    assert counts["UNAVAILABLE"] > 0
    assert neighbour.answered > looked


async def test_streams_that_are_never_read(worker: Worker, portrait: bytes) -> None:
    """Ten callers send without reading a reply; they are not read any further either."""
    before_mb = worker.memory_mb()
    async with worker.channel() as channel:
        stub: Any = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        calls = [stub.ModelStreamInfer(metadata=metadata_with(SEVEN)) for _ in range(10)]
        for call in calls:
            for _ in range(100):
                try:
                    await asyncio.wait_for(call.write(a_frame(portrait)), 1)
                except (TimeoutError, *CALL_OVER):
                    break  # it is full, or was cut because it reads nothing
        assert worker.memory_mb() - before_mb < 150
        for call in calls:
            call.cancel()

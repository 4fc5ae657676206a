"""The model `face` over real gRPC: pictures that stand alone, and sequences with a memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import grpc
import numpy as np
import pytest
from rapt.oip import inference_pb2 as pb

from benchmarks.breaking.damage import set_parameter
from inference.engine.engine import Engine
from inference.grants import Grant, Grants
from inference.metrics import Metrics
from inference.oip import face_model
from inference.oip.face_model import FaceModel
from inference.oip.tensors import element
from inference.perception.look import Look, Seen, Track, Unreadable
from inference.perception.track import Place
from inference.scheduling.latency import LatencyTable
from tests.inference.calling import GOOD
from tests.inference.fakes import BROKEN, OBSERVATION, FakePipeline
from tests.inference.oip.serving import Client, serving, until


class Follows(FakePipeline):
    """Numbers the frames of a stream in its track, and keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[bytes, int]] = []

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Count on."""
        results = super().observe(looks)
        counted: list[Seen | Unreadable] = []
        for look, result in zip(looks, results, strict=True):
            number = look.track.student.number + 1 if look.track else 1
            self.seen.append((look.image, number))
            if isinstance(result, Seen):
                counted.append(replace(result, track=Track(Place(0.5, 0.5, 0.2, 0.0, number))))
            else:
                counted.append(result)
        return counted


@asynccontextmanager
async def watching(
    pipeline: FakePipeline, *, grants: Grants | None = None, token: str = ""
) -> AsyncIterator[Client]:
    """Serve `face` on an engine with a pipeline."""
    engine = Engine(pipeline, LatencyTable(pipeline.buckets), Metrics())
    model = FaceModel(engine, pipeline)
    async with (
        asyncio.TaskGroup() as tasks,
        serving({"face": model}, grants=grants, token=token) as client,
    ):
        running = tasks.create_task(engine.run())
        try:
            yield client
        finally:
            pipeline.may_go.set()
            running.cancel()
    engine.close()


def a_frame(*images: bytes, **parameters: bool | int | str) -> pb.ModelInferRequest:
    """Return a request to `face`."""
    request = pb.ModelInferRequest(model_name="face")
    images = images or (GOOD,)
    request.inputs.add(name="frame", datatype="BYTES", shape=[len(images), 1])
    request.raw_input_contents.append(b"".join(map(element, images)))
    for name, value in parameters.items():
        set_parameter(request, name, value)
    return request


def _are_waiting(client: Client, requests: int) -> bool:
    return client.waiting == requests


def outputs_of(reply: pb.ModelInferResponse) -> dict[str, Any]:
    """Return the outputs by name: arrays, or words."""
    values: dict[str, Any] = {}
    for tensor, raw in zip(reply.outputs, reply.raw_output_contents, strict=True):
        if tensor.datatype == "BYTES":
            values[tensor.name] = raw
        else:
            kind = {"FP32": "<f4", "INT32": "<i4"}[tensor.datatype]
            values[tensor.name] = np.frombuffer(raw, kind).reshape(tensor.shape)
    return values


async def test_a_picture_that_stands_alone_is_judged_without_a_past() -> None:
    """Every output is there in its shape; what was not measured is NaN."""
    async with watching(FakePipeline()) as client:
        reply = await client.ask("ModelInfer", a_frame(GOOD, GOOD))
        seen = outputs_of(reply)
        described = await client.ask("ModelMetadata", pb.ModelMetadataRequest(name="face"))
        assert [tensor.name for tensor in described.outputs] == list(seen)
        for tensor, of_reply in zip(described.outputs, reply.outputs, strict=True):
            assert [2, *list(tensor.shape)[1:]] == list(of_reply.shape)
        assert seen["faces"].tolist() == [[1], [1]]
        assert seen["face_box"][1].tolist() == pytest.approx(OBSERVATION.face_box)
        assert np.isnan(seen["gaze"]).all()
        assert seen["state"] == element(b"unknown") * 2


async def test_a_picture_that_cannot_be_read_is_refused_with_the_reason() -> None:
    """INVALID_ARGUMENT, for the request; its neighbours in the batch are answered."""
    async with watching(FakePipeline()) as client:
        good = asyncio.create_task(client.ask("ModelInfer", a_frame()))
        status, sentence = await client.refusal("ModelInfer", a_frame(BROKEN))
        assert (status.name, "no picture" in sentence) == ("INVALID_ARGUMENT", True)
        assert outputs_of(await good)["faces"].tolist() == [[1]]


async def test_a_sequence_follows_its_face_from_request_to_request() -> None:
    """Two sequences and a lone picture do not know each other; the end forgets."""
    pipeline = Follows()
    async with watching(pipeline) as client:
        for number in range(3):
            is_first, is_last = number == 0, number == 2
            for name in (11, "eleven"):
                ends: dict[str, bool | int | str] = {
                    "sequence_id": name,
                    "sequence_start": is_first,
                    "sequence_end": is_last,
                }
                await client.ask("ModelInfer", a_frame(str(name).encode(), **ends))
            await client.ask("ModelInfer", a_frame(b"alone"))
        assert [n for image, n in pipeline.seen if image == b"11"] == [1, 2, 3]
        assert [n for image, n in pipeline.seen if image == b"eleven"] == [1, 2, 3]
        assert [n for image, n in pipeline.seen if image == b"alone"] == [1, 1, 1]
        status, sentence = await client.refusal("ModelInfer", a_frame(sequence_id=11))
        assert (status.name, "sequence_start" in sentence) == ("INVALID_ARGUMENT", True)


async def test_requests_of_one_sequence_are_answered_in_their_order() -> None:
    """Sent at once, run one after another, each with the track of the one before."""
    pipeline = Follows()
    async with watching(pipeline) as client:
        call: Any = client.stub.ModelStreamInfer()
        for number in range(8):
            request = a_frame(str(number).encode(), sequence_id=5, sequence_start=number == 0)
            request.id = str(number)
            await call.write(request)
        await call.done_writing()
        assert [m.infer_response.id async for m in call] == [str(n) for n in range(8)]
    assert pipeline.seen == [(str(n).encode(), n + 1) for n in range(8)]


async def test_newest_only_replaces_what_waits_and_says_so() -> None:
    """The one under way and the newest are answered; those between get an error each."""
    pipeline = Follows()
    async with watching(pipeline) as client:
        pipeline.may_go.clear()
        call: Any = client.stub.ModelStreamInfer()
        for number in range(5):
            request = a_frame(
                str(number).encode(),
                sequence_id=5,
                sequence_start=number == 0,
                rapt_newest_only=True,
            )
            request.id = str(number)
            await call.write(request)
            if number == 0:
                await pipeline.is_reached()
        await until(lambda: client.come == 5)
        pipeline.may_go.set()
        await call.done_writing()
        said = {m.infer_response.id: m.error_message async for m in call}
    assert len(said) == 5
    answered = [name for name, error in said.items() if not error]
    assert answered[0] == "0"
    assert answered[-1] == "4"
    assert len(answered) <= 3
    assert all("newer" in error for error in said.values() if error)


async def test_a_client_that_cancels_leaves_the_rest_of_the_sequence_in_order() -> None:
    """In the line, and while it runs."""
    pipeline = Follows()
    async with watching(pipeline) as client:
        pipeline.may_go.clear()
        calls = []
        for number in range(4):
            request = a_frame(str(number).encode(), sequence_id=5, sequence_start=number == 0)
            calls.append(asyncio.create_task(client.ask("ModelInfer", request)))
            await until(partial(_are_waiting, client, number + 1))
        await pipeline.is_reached()
        calls[0].cancel()
        calls[2].cancel()
        await until(lambda: client.waiting == 2)
        pipeline.may_go.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(one, BaseException) for one in done] == [True, False, True, False]
    assert b"2" not in [image for image, _ in pipeline.seen]


async def test_tenants_do_not_reach_each_others_sequences() -> None:
    """The same number is another sequence, and each has as many as it may have."""
    digests = {sha256(name.encode()).digest(): name for name in ("one", "two")}
    grants = Grants(
        tenants={
            digest: Grant(1 if name == "one" else 2, max_streams=1)
            for digest, name in digests.items()
        }
    )
    async with watching(FakePipeline(), grants=grants, token="one") as client:  # noqa: S106  opens only this server
        await client.ask("ModelInfer", a_frame(sequence_id=5, sequence_start=True))
        status, _ = await client.refusal("ModelInfer", a_frame(sequence_id=6, sequence_start=True))
        assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
        client.token = "two"  # noqa: S105  see above
        status, _ = await client.refusal("ModelInfer", a_frame(sequence_id=5))
        assert status is grpc.StatusCode.INVALID_ARGUMENT
        await client.ask("ModelInfer", a_frame(sequence_id=5, sequence_start=True))


async def test_idle_sequences_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only then; otherwise there is no room and the caller is told so."""
    monkeypatch.setattr(face_model, "MAX_SEQUENCES", 2)
    async with watching(FakePipeline()) as client:
        for name in (1, 2):
            await client.ask("ModelInfer", a_frame(sequence_id=name, sequence_start=True))
        status, _ = await client.refusal("ModelInfer", a_frame(sequence_id=3, sequence_start=True))
        assert status is grpc.StatusCode.UNAVAILABLE
        monkeypatch.setattr(face_model, "MAX_IDLE_S", 0.0)
        await client.ask("ModelInfer", a_frame(sequence_id=3, sequence_start=True))
        status, _ = await client.refusal("ModelInfer", a_frame(sequence_id=1))
        assert status is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_tenant_cannot_keep_the_others_from_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a full house the one that has most makes room, and not for itself."""
    monkeypatch.setattr(face_model, "MAX_SEQUENCES", 6)
    digests = {name: sha256(name.encode()).digest() for name in ("many", "few")}
    grants = Grants(tenants={digests["many"]: Grant(1), digests["few"]: Grant(2)})
    async with watching(FakePipeline(), grants=grants, token="many") as client:  # noqa: S106  opens only this server
        for name in range(1, 7):
            await client.ask("ModelInfer", a_frame(sequence_id=name, sequence_start=True))
        seventh = a_frame(sequence_id=7, sequence_start=True)
        status, _ = await client.refusal("ModelInfer", seventh)
        assert status is grpc.StatusCode.UNAVAILABLE
        client.token = "few"  # noqa: S105  see above
        for name in (1, 2):
            await client.ask("ModelInfer", a_frame(sequence_id=name, sequence_start=True))
        await client.ask("ModelInfer", a_frame(sequence_id=1, sequence_end=True))
        client.token = "many"  # noqa: S105  see above
        status, _ = await client.refusal("ModelInfer", a_frame(sequence_id=1))
        assert status is grpc.StatusCode.INVALID_ARGUMENT
        await client.ask("ModelInfer", a_frame(sequence_id=6))

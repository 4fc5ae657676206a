"""A server of models on the loopback, a device that sums, and a client that speaks to both."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from rapt.bearer import metadata_with
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc

from benchmarks.breaking.damage import set_parameter
from inference.grants import Grants
from inference.oip.bare import BareModel, Rows
from inference.oip.models import ServedModel
from inference.oip.tensors import TensorSpec
from inference.scheduling.stages import Ran, StageRun
from inference.server import Door, Server
from tests.inference.calling import WITHIN_S

NUMBERS = TensorSpec("numbers", "INT32", (3,), "what is summed")
SUM = TensorSpec("sum", "INT64", (1,), "of the row")
POISON = 666


class SummingDevice:
    """Sums each row; can be held, and falls over when it is given poison."""

    provider = "abacus"
    buckets = (1, 2, 4)

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.sums: list[int] = []
        self.started = threading.Event()
        self.may_go = threading.Event()
        self.may_go.set()

    async def is_reached(self) -> None:
        """Wait until a batch has come to the device."""
        assert await asyncio.to_thread(self.started.wait, WITHIN_S)

    def prepare(self, jobs: Sequence[Rows]) -> list[int]:
        """Sum."""
        return [int(np.frombuffer(row, "<i4").sum()) for (row,) in jobs]

    def run(self, prepared: list[int]) -> Ran[Sequence[bytes]]:
        """Give the sums."""
        self.batches.append(len(prepared))
        self.started.set()
        assert self.may_go.wait(2 * WITHIN_S)
        if POISON in prepared:
            raise RuntimeError("the device fell over")
        self.sums += prepared
        rows: list[Sequence[bytes]] = [(np.int64(total).tobytes(),) for total in prepared]
        stage = StageRun("sum", len(prepared), len(prepared), 0.0)
        return Ran(rows, (stage,))


def summing(device: SummingDevice | None = None) -> BareModel:
    """Return the model `sum`."""
    return BareModel("sum", device or SummingDevice(), inputs=[NUMBERS], outputs=[SUM])


@dataclass
class Client:
    """Someone who asks."""

    channel: grpc.aio.Channel
    server: Server
    token: str = ""

    @property
    def stub(self) -> Any:
        """The generated stub, whose types are those of two worlds at once."""
        return inference_pb2_grpc.GRPCInferenceServiceStub(self.channel)

    @property
    def waiting(self) -> int:
        """How many requests are under way."""
        return self.server._inference._room.requests

    @property
    def come(self) -> int:
        """How many requests have come: they are under way, or counted by what became of them."""
        counters = self.server._inference._counters.values()
        counted: float = sum(counter._value.get() for counter in counters)
        return self.waiting + round(counted)

    async def ask(self, method: str, question: Any) -> Any:
        """Make one unary call."""
        metadata = metadata_with(self.token)
        return await getattr(self.stub, method)(question, metadata=metadata, timeout=WITHIN_S)

    async def refusal(self, method: str, question: Any) -> tuple[grpc.StatusCode, str]:
        """Make a call that fails; return how."""
        try:
            await self.ask(method, question)
        except grpc.aio.AioRpcError as error:
            return error.code(), error.details() or ""
        raise AssertionError("it was answered")


async def until(holds: Callable[[], bool]) -> None:
    """Return when something holds that another task brings about."""
    async with asyncio.timeout(WITHIN_S):
        while not holds():  # noqa: ASYNC110  most of it has no event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(
    models: Mapping[str, ServedModel],
    *,
    grants: Grants | None = None,
    token: str = "",
    max_waiting: int = 1024,
) -> AsyncIterator[Client]:
    """Serve models on a free port."""
    door = Door("127.0.0.1:0", grants or Grants(), max_waiting=max_waiting)
    server = Server(door, models=models)
    async with (
        asyncio.TaskGroup() as tasks,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        running = [tasks.create_task(model.run()) for model in models.values()]
        await server.start()
        try:
            yield Client(channel, server, token)
        finally:
            await server.stop(0)
            for task in running:
                task.cancel()


def a_request(*rows: Sequence[int], **changes: Any) -> pb.ModelInferRequest:
    """Return a request to `sum`; parameters come as `parameters={name: value}`."""
    parameters = changes.pop("parameters", {})
    rows = rows or ([1, 2, 3],)
    request = pb.ModelInferRequest(model_name="sum", id="7")
    request.inputs.add(name="numbers", datatype="INT32", shape=[len(rows), 3])
    request.raw_input_contents.append(np.array(rows, "<i4").tobytes())
    request.MergeFrom(pb.ModelInferRequest(**changes))
    for name, value in parameters.items():
        set_parameter(request, name, value)
    return request


def sums_of(reply: pb.ModelInferResponse) -> list[int]:
    """Return the sums of a reply."""
    return [int(value) for value in np.frombuffer(reply.raw_output_contents[0], "<i8")]

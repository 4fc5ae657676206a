"""Open Inference Protocol: Triton's stream of requests, or one unary call per frame."""

import asyncio

import grpc
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc

from benchmarks.load.job import Job
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Due
from benchmarks.load.wire import Calls, Clock, outcome_of

InferCall = grpc.aio.StreamStreamCall[pb.ModelInferRequest, pb.ModelStreamInferResponse]

# What servers write when a request waited too long, was one too many, or was replaced.
_WORDS = {
    "expired": Outcome.EXPIRED,
    "timeout": Outcome.EXPIRED,
    "exceeds maximum queue": Outcome.REFUSED,
    "superseded": Outcome.SUPERSEDED,
    "refused": Outcome.REFUSED,
}


def outcome_of_error(message: str) -> Outcome:
    """Return what an error in the stream means for its frame."""
    lower = message.lower()
    return next((one for word, one in _WORDS.items() if word in lower), Outcome.FAILED)


def request_of(job: Job, due: Due) -> pb.ModelInferRequest:
    """Return a frame as a request for the model's one input."""
    timeout_us = job.target.timeout_us
    return pb.ModelInferRequest(
        model_name=job.target.model,
        id=str(due.sequence),
        parameters={"timeout": pb.InferParameter(int64_param=timeout_us)} if timeout_us else None,
        inputs=[
            pb.ModelInferRequest.InferInputTensor(
                name="IMAGE", datatype="UINT8", shape=(1, len(job.picture))
            )
        ],
        raw_input_contents=[job.picture],
    )


class OipStream(Calls):
    """One ModelStreamInfer per stream."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        super().__init__(job, log, clock)
        self._frames: dict[int, asyncio.Queue[Due]] = {}

    async def open(self) -> None:
        """Connect, and begin a call per stream."""
        async for stream, channel in self._connected():
            call = inference_pb2_grpc.GRPCInferenceServiceStub(channel).ModelStreamInfer()
            self._frames[stream] = asyncio.Queue()  # holds no more than the schedule has
            self._begin(stream, call)

    def _begin(self, stream: int, call: InferCall) -> None:
        self._start(lambda: self._write(call, self._frames[stream]))
        self._start(lambda: self._read(call, stream))

    def send(self, due: Due) -> None:
        """Hand one frame to its call."""
        self._frames[due.stream].put_nowait(due)

    async def _write(self, call: InferCall, frames: asyncio.Queue[Due]) -> None:
        while True:
            await call.write(request_of(self._job, await frames.get()))

    async def _read(self, call: InferCall, stream: int) -> None:
        while isinstance(answer := await call.read(), pb.ModelStreamInferResponse):
            sequence = answer.infer_response.id
            outcome = Outcome.ANSWERED
            if answer.error_message:
                outcome = outcome_of_error(answer.error_message)
                if outcome is Outcome.FAILED or not sequence:
                    self._log.complain(answer.error_message)
            if sequence:
                self._log.end(stream, int(sequence), outcome, self._clock.now_s())
        self._log.complain(f"{(await call.code()).name}: {await call.details()}")


class OipUnary(Calls):
    """One ModelInfer per frame."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        super().__init__(job, log, clock)
        self._stubs: dict[int, inference_pb2_grpc.GRPCInferenceServiceAsyncStub] = {}

    async def open(self) -> None:
        """Connect."""
        async for stream, channel in self._connected():
            self._stubs[stream] = inference_pb2_grpc.GRPCInferenceServiceStub(channel)

    def send(self, due: Due) -> None:
        """Begin a call."""
        self._start(lambda: self._infer(due))

    async def _infer(self, due: Due) -> None:
        outcome = Outcome.ANSWERED
        try:
            await self._stubs[due.stream].ModelInfer(request_of(self._job, due))
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.CANCELLED:
                return  # by us, at the end
            outcome = outcome_of(error.code())
            self._log.complain(f"{error.code().name}: {error.details()}")
        self._log.end(due.stream, due.sequence, outcome, self._clock.now_s())

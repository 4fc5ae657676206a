"""One real worker process that is about to be treated badly, and someone beside it who is not."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import grpc
import httpx
from rapt.channel import FRESH
from rapt.cli.ports import free_ports
from rapt.leash import leashed
from rapt.v1 import perception_pb2 as pb

from benchmarks.usage import usage_of
from tests.inference.calling import GOOD, Call, a_frame, an_event

NOWHERE = "http://w:x@127.0.0.1:9/rapt"
"""No store answers there: rows stay in the spool."""
REAL = ("inference", "serve")
SMALL = ("tests.e2e.small_pool",)
"""A worker that looks at nothing, so that thousands of frames cost little."""
READY_S = 150.0
STOP_S = 60.0
ANSWER_S = 60.0
LOOK_AGAIN_S = 0.5
ROOM_S = 150.0
"""A worker that was too busy to let anyone in lets them in again when it has had half a minute."""
OURS, SEVEN, EIGHT = "of-the-gateways", "of-tenant-seven", "of-tenant-eight"
OUTCOMES = ("answered", "superseded", "expired", "refused", "rejected", "cancelled")


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker."""

    process: subprocess.Popen[bytes]
    port: int
    metrics_port: int
    folder: Path

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"127.0.0.1:{self.port}"

    def channel(self) -> grpc.aio.Channel:
        """Return a channel as a gateway makes it, of its own."""
        own = ("grpc.use_local_subchannel_pool", 1)
        return grpc.aio.insecure_channel(self.address, options=(*FRESH, own))

    async def ready(self) -> None:
        """Wait until it answers; who has ended never will."""
        async with (
            self.channel() as channel,
            asyncio.timeout(READY_S),
            asyncio.TaskGroup() as tasks,
        ):
            ready = tasks.create_task(channel.channel_ready())
            while not (await asyncio.wait([ready], timeout=LOOK_AGAIN_S))[0]:
                assert self.process.poll() is None, self.log()

    def memory_mb(self) -> float:
        """Return what it holds in memory."""
        return usage_of({"worker": self.process.pid})["worker"].memory_mb

    def open_files(self) -> int:
        """Return how many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def threads(self) -> int:
        """Return how many threads it has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    async def metric(self, series: str, **labels: str) -> float:
        """Return the sum of a series, of all with these labels; 0 when it was never counted."""
        async with httpx.AsyncClient(timeout=ANSWER_S) as client:
            text = (await client.get(f"http://127.0.0.1:{self.metrics_port}/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines())
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(
            float(value)
            for name, _, value in lines
            if name.split("{")[0] == series and all(label in name for label in wanted)
        )

    async def settled(self) -> None:
        """Wait until no call is open; then each frame must have one outcome, and no fault."""
        async with asyncio.timeout(ANSWER_S):
            while await self.metric("rapt_streams_open"):  # noqa: ASYNC110  a gauge tells nobody
                await asyncio.sleep(0.05)
        counts = [await self.metric(f"rapt_frames_{name}_total") for name in OUTCOMES]
        assert await self.metric("rapt_frames_received_total") == sum(counts)
        assert '"level": "error"' not in self.log()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return how it ended."""
        self.process.send_signal(number)
        return self.process.wait(STOP_S)

    def log(self) -> str:
        """Return what it has said."""
        return (self.folder / "worker.log").read_text(errors="replace")


@contextmanager
def worker_in(
    folder: Path, *, models: Path, program: Sequence[str] = REAL, **settings: str
) -> Iterator[Worker]:
    """Run a worker until the body is done; settings as in the configuration, in small letters."""
    folder.mkdir(parents=True, exist_ok=True)
    port, metrics_port = free_ports(2)
    usual = {
        "listen": f"127.0.0.1:{port}",
        "metrics_listen": f"127.0.0.1:{metrics_port}",
        "models": str(models),
        "spool": str(folder / "spool"),
        "store_url": NOWHERE,
        "provider": "cpu",
    }
    ours = {f"RAPT_INFERENCE_{k.upper()}": v for k, v in (usual | settings).items()}
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            leashed([sys.executable, "-m", *program]), env=os.environ | ours, stdout=log, stderr=log
        )
    try:
        yield Worker(process, port, metrics_port, folder)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_S)


def grants_in(folder: Path) -> dict[str, str]:
    """Write down who may call; return the settings that say so."""
    entries = [
        f'[[grant]]\ntoken_sha256 = "{sha256(token.encode()).hexdigest()}"\ntenant = {tenant}\n'
        for tenant, token in ((7, SEVEN), (8, EIGHT))
    ]
    (folder / "grants.toml").write_text("\n".join(entries))
    return {"grants": str(folder / "grants.toml"), "token": OURS}


@dataclass
class Neighbour:
    """A session that does nothing wrong: a frame at a time, an event for every fourth."""

    call: Call
    image: bytes = GOOD
    answered: int = 0
    longest_s: float = 0.0
    """The longest that it waited for a verdict."""
    sheds: list[pb.Shed] = field(default_factory=list)
    events: int = 0

    async def look(self) -> None:
        """Send the next frame and wait for what is said about it."""
        sequence, began_s = self.answered + len(self.sheds) + 1, time.monotonic()
        await self.call.send(frame=a_frame(sequence, self.image))
        if sequence % 4 == 1:
            self.events += 1
            await self.call.send(player_event=an_event(self.events))
        while True:
            answer = await self.call.receive()
            assert answer is not None
            kind = answer.WhichOneof("message")
            if kind == "verdict":
                assert answer.verdict.sequence == sequence
                self.answered += 1
                break
            if kind == "shed":
                self.sheds.append(answer.shed)
                break
        self.longest_s = max(self.longest_s, time.monotonic() - began_s)

    async def stay(self, over: asyncio.Event) -> None:
        """Look twice a second until it is over."""
        while not over.is_set():
            await self.look()
            await asyncio.sleep(0.5)


@asynccontextmanager
async def neighbour_on(
    worker: Worker, image: bytes = GOOD, *, token: str = "", session_id: int = 5
) -> AsyncIterator[Neighbour]:
    """Keep a session going beside the body; in the end every frame of it has its verdict."""
    over = asyncio.Event()
    async with worker.channel() as channel:
        call = await opened_when_there_is_room(
            worker, channel, token, session_id=session_id, user_key=session_id
        )
        neighbour = Neighbour(call, image)
        await neighbour.look()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(neighbour.stay(over))
            try:
                yield neighbour
            finally:
                over.set()
        await neighbour.look()
        closed = await call.closed()
    assert neighbour.sheds == []
    assert closed.frames_answered == closed.frames_received == neighbour.answered
    assert closed.acked_event_seq == neighbour.events


async def opened_when_there_is_room(
    worker: Worker, channel: grpc.aio.Channel, token: str, **opening: object
) -> Call:
    """Open a session as a gateway does: who is told that the worker is full comes back."""
    async with asyncio.timeout(ROOM_S):
        while True:
            call = Call(channel, token)
            try:
                await call.opened(**opening)
            except grpc.aio.AioRpcError as error:
                assert worker.process.poll() is None, worker.log()
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                return call

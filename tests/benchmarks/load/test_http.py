"""Just enough HTTP."""

import asyncio
import base64
import json
import math

import pytest

from benchmarks.load.http import Http, message_of, outcome_of_status, status_in
from benchmarks.load.job import Job, Speech, Target
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Due, Scenario
from benchmarks.load.wire import Clock

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"
CHUNKED = b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n0\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 504 Gateway Timeout\r\n\r\n"


def a_job(address: str, **target: object) -> Job:
    """Return a job that posts."""
    return Job(
        target=Target(speech=Speech.HTTP, address=address, **target),  # type: ignore[arg-type]  # by name
        scenario=Scenario(seconds=1, warm_up_s=0, seed=1),
        first=0,
        of=1,
        picture=b"picture",
        wait_s=0,
    )


@pytest.mark.parametrize(("answer", "status"), [(PLAIN, 200), (CHUNKED, 503), (EMPTY, 504)])
def test_an_answer_is_complete_with_its_last_byte(answer: bytes, status: int) -> None:
    """Not one byte earlier, however it is framed."""
    assert [status_in(answer[:length]) for length in range(len(answer))] == [None] * len(answer)
    assert status_in(answer) == status


def test_a_status_says_what_became_of_the_frame() -> None:
    """Refused, too late, and the rest."""
    statuses = {
        201: Outcome.ANSWERED,
        429: Outcome.REFUSED,
        504: Outcome.EXPIRED,
        500: Outcome.FAILED,
    }
    assert {status: outcome_of_status(status) for status in statuses} == statuses


def test_a_picture_travels_as_it_is_or_as_json() -> None:
    """The length fits in both."""
    head, _, body = message_of(a_job("127.0.0.1:1")).partition(b"\r\n\r\n")
    assert body == b"picture"
    assert b"Content-Length: 7" in head
    head, _, body = message_of(a_job("127.0.0.1:1", is_json=True)).partition(b"\r\n\r\n")
    assert base64.b64decode(json.loads(body)["image"]) == b"picture"
    assert f"Content-Length: {len(body)}".encode() in head


class WatchedLog(Log):
    """Says when no frame is under way any more."""

    def __init__(self, streams: list[int], frames: int) -> None:
        super().__init__(streams, frames)
        self.settled = asyncio.Event()

    def end(
        self,
        stream: int,
        sequence: int,
        outcome: Outcome,
        at_s: float,
        *,
        server_s: float = math.nan,
    ) -> None:
        """Note it, and say so after the last one."""
        super().end(stream, sequence, outcome, at_s, server_s=server_s)
        if self.open_frames == 0:
            self.settled.set()


async def test_frames_at_the_same_time_take_connections_of_their_own() -> None:
    """Nobody waits behind a slow answer; a connection that is cut fails its frame alone."""
    all_came = asyncio.Event()
    seen = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        await reader.readuntil(b"picture")
        seen += 1
        if seen == 3:
            all_came.set()
        if seen != 2:
            await all_came.wait()
            writer.write(PLAIN)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        log = WatchedLog([0], frames=3)
        wire = Http(a_job(f"127.0.0.1:{port}"), log, Clock())
        await wire.open()
        for sequence in (1, 2, 3):
            log.leave(0, sequence, lag_s=0)
        for sequence in (1, 2, 3):
            wire.send(Due(0.0, 0, sequence, 0.0))
        await asyncio.wait_for(log.settled.wait(), 10)
        await wire.close()
    assert sorted(log.outcomes[0].tolist()) == [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.FAILED]

"""One Observe call against a real server on the loopback, from opening to status."""

import grpc
import pytest
from rapt.errors import Misconfigured
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason
from inference.metrics import Metrics
from inference.server import Door, is_loopback
from inference.worker import Parts, Worker
from tests.inference.calling import Call, a_frame, an_event, an_open, now_us
from tests.inference.fakes import FakePipeline, RecordingWriter, running_house

US = 1_000_000


async def test_a_frame_is_answered_and_everything_is_on_disk_when_the_call_closes() -> None:
    """Open, event, frame, close: a verdict, an acknowledgement, facts, the session's row."""
    async with running_house() as house:
        call = house.call()
        opened = await call.opened(opened_at_us=now_us() - 3_600_000_000)
        assert (opened.model, opened.provider) == ("fake/1", "FakeExecutionProvider")
        assert opened.control.credits == 1
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        await call.send(frame=a_frame(1))
        verdict = (await call.until("verdict")).verdict
        assert verdict.sequence == 1
        assert verdict.control.acked_sequence == 1
        closed = await call.closed(pb.EXIT_REASON_COMPLETED)
        assert (closed.frames_received, closed.frames_answered) == (1, 1)
        assert closed.interactions_written == 1
        assert closed.facts_written == len(house.writer.facts())
        assert [row.kind for row in house.writer.interactions()] == ["play"]
        assert house.writer.sessions()[-1].exit_reason is ExitReason.COMPLETED
        assert await call.status() == (grpc.StatusCode.OK, "")


@pytest.mark.parametrize(
    ("message", "word"),
    [
        pytest.param({"frame": a_frame(1)}, "first message", id="frame before open"),
        pytest.param({}, "first message", id="nothing before open"),
        pytest.param({"open": an_open(role=99)}, "role", id="unknown role"),
        pytest.param({"open": pb.Open()}, "tenant_id", id="empty open"),
        pytest.param({"open": an_open(device="x" * 33)}, "device", id="long device"),
        pytest.param({"open": an_open(policy="x" * 65)}, "policy", id="long policy"),
        pytest.param({"open": an_open(opened_at_us=1)}, "month ago", id="opened in 1970"),
        pytest.param(
            {"open": an_open(segments=[pb.Segment(to_ms=1, rate_pct=100, at_us=2**63 - 1)])},
            "segments",
            id="played in the far future",
        ),
        pytest.param(
            {"open": an_open(opened_at_us=now_us() + 3600 * US)}, "ahead", id="opened tomorrow"
        ),
    ],
)
async def test_a_call_without_a_right_opening_ends(message: dict[str, object], word: str) -> None:
    """INVALID_ARGUMENT and a sentence."""
    async with running_house() as house:
        call = house.call()
        await call.send(**message)
        code, details = await call.status()
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert word in details


async def test_a_second_opening_ends_the_call() -> None:
    """INVALID_ARGUMENT; what was said before it is kept."""
    async with running_house() as house:
        call = house.call()
        await call.opened()
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        await call.send(open=an_open())
        code, details = await call.status()
        assert (code, "second open" in details) == (grpc.StatusCode.INVALID_ARGUMENT, True)
        assert len(house.writer.interactions()) == 1


@pytest.mark.parametrize("brought", ["", "wrong", "rig", "rights"])
async def test_a_call_without_the_token_reaches_nothing(brought: str) -> None:
    """UNAUTHENTICATED; no session begins, and a call with the token goes on."""
    async with running_house(token="right") as house:  # noqa: S106  opens only this worker
        ours = Call(house.channel, token="right")  # noqa: S106  see above
        await ours.opened()
        code, details = await Call(house.channel, token=brought).status()
        assert code is grpc.StatusCode.UNAUTHENTICATED
        assert "right" not in details
        await ours.send(player_event=an_event(1))
        await ours.until_acked(1)


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:50051", True),
        ("127.8.9.1:1", True),
        ("[::1]:50051", True),
        ("localhost:0", True),
        ("unix:/tmp/socket", True),
        ("0.0.0.0:50051", False),
        ("[::]:50051", False),
        ("192.168.1.5:50051", False),
        ("inference:50051", False),
    ],
)
async def test_an_address_that_others_reach_needs_a_token(listen: str, *, expected: bool) -> None:
    """A worker without one starts on this machine's own addresses alone."""
    assert is_loopback(listen) == expected
    if not expected:
        parts = Parts(FakePipeline(), RecordingWriter(), Metrics(), "fake/1")
        with pytest.raises(Misconfigured, match="RAPT_INFERENCE_TOKEN"):
            Worker(parts, door=Door(listen), drain_s=1.0)

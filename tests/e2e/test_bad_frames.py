"""A bad picture gets one clear answer; the next good one gets a verdict."""

import struct
import zlib
from collections.abc import Callable

import pytest
from rapt.v1 import perception_pb2 as perception

from tests.e2e.peer import Peer, open_session
from tests.services import Services


def _png_bomb(_: bytes) -> bytes:
    """Return a PNG whose header claims 20,000 x 20,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _not_an_image(_: bytes) -> bytes:
    return b"this is not a picture" * 99


def _truncated(good: bytes) -> bytes:
    return good[: len(good) // 2]


def _empty(_: bytes) -> bytes:
    return b""


def _five_megabytes(good: bytes) -> bytes:
    return good + b"\0" * (5 << 20)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(
            _not_an_image, perception.SHED_REASON_REJECTED_NOT_AN_IMAGE, id="not an image"
        ),
        pytest.param(_truncated, perception.SHED_REASON_REJECTED_TRUNCATED, id="truncated JPEG"),
        pytest.param(_png_bomb, perception.SHED_REASON_REJECTED_TOO_MANY_PIXELS, id="PNG bomb"),
        pytest.param(_empty, perception.SHED_REASON_REJECTED_EMPTY, id="zero bytes"),
        pytest.param(
            _five_megabytes, perception.SHED_REASON_REJECTED_TOO_MANY_BYTES, id="5 MB frame"
        ),
    ],
)
async def test_bad_picture_is_answered_and_ends_nothing(
    spoil: Callable[[bytes], bytes],
    reason: perception.ShedReason.ValueType,
    running: Services,
    portrait: bytes,
) -> None:
    """The answer names the reason and says what to do; the stream goes on."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        await peer.send_frame(spoil(portrait), sequence=1)
        shed = (await peer.answer("shed")).shed
        assert (shed.frame_sequence, shed.reason) == (1, reason)
        assert shed.detail
        await peer.send_frame(portrait, sequence=2)
        verdict = (await peer.answer("verdict")).verdict
        assert verdict.sequence == 2
        assert verdict.observation.faces == 1


async def test_bad_picture_of_one_harms_no_other(running: Services, portrait: bytes) -> None:
    """While one session sends rubbish, another gets a verdict for each frame."""
    ada, ben = [await open_session(running.running, name) for name in ("Ada", "Ben")]
    async with Peer(running.running, ada) as bad, Peer(running.running, ben) as good:
        await bad.hello()
        await good.hello()
        for sequence in range(1, 6):
            await bad.send_frame(_truncated(portrait), sequence=sequence)
            await good.send_frame(portrait, sequence=sequence)
            assert (await good.answer("verdict", "shed")).verdict.sequence == sequence
            assert (await bad.answer("verdict", "shed")).shed.frame_sequence == sequence

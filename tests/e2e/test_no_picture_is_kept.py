"""No camera picture is written anywhere, and the search that says so would find one."""

import base64
from pathlib import Path

import httpx
import redis
from rapt.cli.credentials import load_credentials
from rapt.v1 import perception_pb2 as perception

from tests.e2e.hiding_places import kept_pictures, pictures_in_store, pictures_in_valkey
from tests.e2e.peer import Peer, open_session
from tests.house.pictures import pictures_under
from tests.services import Services

FRAMES = 6


async def test_nothing_keeps_a_picture_that_was_sent(running: Services, portrait: bytes) -> None:
    """Good frames and broken ones pass through all four processes and leave no trace."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        for sequence in range(1, FRAMES + 1):
            await peer.send_frame(portrait, sequence=sequence)
            await peer.answer("verdict", "shed")
        await peer.send_frame(portrait[: len(portrait) // 2], sequence=FRAMES + 1)
        answer = await peer.answer("shed")
        assert answer.shed.reason == perception.SHED_REASON_REJECTED_TRUNCATED
    assert kept_pictures(running.data, running.running) == []


async def test_a_picture_in_valkey_would_be_found(running: Services, portrait: bytes) -> None:
    """In a stream, where messages between gateways pass."""
    url = running.running.redis_url
    with redis.Redis.from_url(url) as client:
        client.xadd("planted", {"frame": portrait})
        try:
            assert [one.kind for one in pictures_in_valkey(url)] == ["jpeg"]
        finally:
            client.delete("planted")


def test_a_picture_in_the_store_would_be_found(running: Services, portrait: bytes) -> None:
    """In any column of any table."""
    credentials = load_credentials(running.data)
    url = running.running.store_url
    address = f"http://{url.rpartition('@')[2].partition('/')[0]}/"

    def tell(statement: str) -> None:
        answer = httpx.post(
            address,
            params={"database": "rapt"},
            content=statement,
            auth=("writer", credentials.writer_password),
            timeout=30,
        )
        assert answer.status_code == 200, answer.text

    encoded = base64.b64encode(portrait).decode()
    row = "tenant_id, content_id, session_id, seq, ts, kind, keep_days"
    tell(
        f"INSERT INTO interactions ({row})"
        f" SELECT 4294967295, 1, 1, 1, now64(3), base64Decode('{encoded}'), 1"
    )
    try:
        assert [one.where for one in pictures_in_store(url)] == ["store interactions"]
    finally:
        tell("ALTER TABLE interactions DELETE WHERE tenant_id = 4294967295")


def test_a_picture_in_a_log_would_be_found(tmp_path: Path, portrait: bytes) -> None:
    """As bytes, in base64, and as Python shows bytes."""
    for name, content in {
        "raw": portrait,
        "base64": base64.b64encode(portrait),
        "shown": repr(portrait).encode(),
    }.items():
        (tmp_path / f"{name}.log").write_bytes(b'{"event": "frame_seen"}\n' + content)
    assert {Path(one.where).stem for one in pictures_under(tmp_path)} == {"raw", "base64", "shown"}

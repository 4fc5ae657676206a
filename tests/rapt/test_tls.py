"""Both ends of TLS: who is let in, who is believed, and what a wrong file says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from rapt.errors import Misconfigured
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc
from rapt.tls import ClientTls, ServerTls, client_tls, open_channel, server_tls

from inference.server import Door, Server
from tests.inference.oip.serving import summing
from tests.rapt.authority import Authority

WITHIN_S = 60.0


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    """The authority that both ends know."""
    return Authority(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    """One that nobody knows."""
    return Authority(tmp_path, "theirs")


@asynccontextmanager
async def listening(tls: ServerTls) -> AsyncIterator[str]:
    """Serve over TLS on a free port."""
    server = Server(Door("127.0.0.1:0", tls=tls), models={"sum": summing()})
    await server.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        await server.stop(0)


async def is_live(address: str, tls: ClientTls | None) -> bool:
    """Return whether a client with these files is answered."""
    async with open_channel(address, tls=tls) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        try:
            reply = await stub.ServerLive(pb.ServerLiveRequest(), timeout=WITHIN_S)
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.UNAVAILABLE  # noqa: PT017  # either way is an answer
            return False
    return bool(reply.live)


async def test_a_client_believes_its_authority_alone(ours: Authority, theirs: Authority) -> None:
    """And one without TLS gets nothing."""
    server = ours.sign("server")
    async with listening(ServerTls(server.certificate, server.key)) as address:
        assert await is_live(address, ClientTls(ours.file))
        assert not await is_live(address, ClientTls(theirs.file))
        assert not await is_live(address, None)


async def test_a_server_lets_in_whom_its_authority_has_signed(
    ours: Authority, theirs: Authority
) -> None:
    """Mutual TLS: no certificate, or a stranger's, opens nothing."""
    server, client, stranger = ours.sign("server"), ours.sign("client"), theirs.sign("stranger")
    async with listening(ServerTls(server.certificate, server.key, ours.file)) as address:
        assert await is_live(address, ClientTls(ours.file, client.certificate, client.key))
        assert not await is_live(address, ClientTls(ours.file))
        assert not await is_live(address, ClientTls(ours.file, stranger.certificate, stranger.key))


def test_mutual_tls_stands_for_a_token_on_other_addresses(ours: Authority) -> None:
    """A certificate alone does not: it lets everyone in."""
    server = ours.sign("server")
    Door("0.0.0.0:1", tls=ServerTls(server.certificate, server.key, ours.file)).check()
    with pytest.raises(Misconfigured, match="RAPT_INFERENCE_TOKEN"):
        Door("0.0.0.0:1", tls=ServerTls(server.certificate, server.key)).check()


def test_settings_that_lack_a_half_are_named(ours: Authority) -> None:
    """Nothing at all means no TLS."""
    assert server_tls("", "", "") is None
    assert client_tls("", "", "") is None
    pair = ours.sign("one")
    for certificate, key, ca in (
        (pair.certificate, "", ""),
        ("", pair.key, ""),
        ("", "", ours.file),
    ):
        with pytest.raises(Misconfigured, match="tls_certificate and tls_key"):
            server_tls(certificate, key, ca)
    with pytest.raises(Misconfigured, match="authority"):
        client_tls("", pair.certificate, pair.key)
    with pytest.raises(Misconfigured, match="come together"):
        client_tls(ours.file, pair.certificate, "")


def test_a_wrong_file_is_named(ours: Authority, tmp_path: Path) -> None:
    """Missing, empty, or the other one of the pair."""
    pair, empty = ours.sign("one"), tmp_path / "empty.pem"
    empty.touch()
    with pytest.raises(Misconfigured, match=r"nothing\.pem"):
        client_tls(str(tmp_path / "nothing.pem"), "", "")
    with pytest.raises(Misconfigured, match=r"empty\.pem holds no CERTIFICATE"):
        client_tls(str(empty), "", "")
    with pytest.raises(Misconfigured, match="PRIVATE KEY"):
        ServerTls(pair.certificate, pair.certificate).credentials()

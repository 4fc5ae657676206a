"""Everything as a user starts it, with mutual TLS and a tenant's token between the processes."""

import asyncio
from hashlib import sha256
from pathlib import Path

import grpc
import httpx
import pytest
from rapt.bearer import metadata_with
from rapt.oip import inference_pb2 as pb
from rapt.oip import inference_pb2_grpc
from rapt.tls import ClientTls, open_channel

from tests.rapt.authority import Authority
from tests.services import services_in

WITHIN_S = 30.0


async def status_of(address: str, tls: ClientTls | None, token: str) -> str:
    """Return what a caller of a worker is told."""
    async with open_channel(address, tls=tls) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        question = pb.ModelMetadataRequest(name="face")
        try:
            await stub.ModelMetadata(question, metadata=metadata_with(token), timeout=WITHIN_S)
        except grpc.aio.AioRpcError as error:
            return error.code().name
    return "OK"


async def states_of_workers(http: httpx.AsyncClient) -> set[str]:
    """Return what the gateway hears from its workers."""
    return set((await http.get("/healthz")).json()["inference"].values())


async def test_gateway_and_worker_speak_mutual_tls(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway finds its worker; a tenant needs certificate and token to come in."""
    authority = Authority(tmp_path, "ours")
    server, client = authority.sign("server"), authority.sign("client")
    grants = tmp_path / "grants.toml"
    digest = sha256(b"of-tenant-7").hexdigest()
    grants.write_text(f'[[grant]]\ntoken_sha256 = "{digest}"\ntenant = 7\n')
    for name, value in {
        "RAPT_INFERENCE_TLS_CERTIFICATE": server.certificate,
        "RAPT_INFERENCE_TLS_KEY": server.key,
        "RAPT_INFERENCE_TLS_CLIENT_CA": authority.file,
        "RAPT_INFERENCE_GRANTS": str(grants),
        "RAPT_GATEWAY_INFERENCE_CA": authority.file,
        "RAPT_GATEWAY_INFERENCE_CERTIFICATE": client.certificate,
        "RAPT_GATEWAY_INFERENCE_KEY": client.key,
    }.items():
        monkeypatch.setenv(name, value)
    with services_in(tmp_path / "data", models) as services:
        running = services.running
        headers = {"authorization": f"Bearer {running.local_token}"}
        async with httpx.AsyncClient(
            base_url=running.gateway_url, headers=headers, timeout=WITHIN_S
        ) as http:
            async with asyncio.timeout(WITHIN_S):
                while await states_of_workers(http) != {"ready"}:  # noqa: ASYNC110  another process
                    await asyncio.sleep(0.1)
            assert (await http.get("/v2/models/face")).status_code == 200
        address = running.inference_address
        tls = ClientTls(authority.file, client.certificate, client.key)
        assert await status_of(address, tls, "of-tenant-7") == "OK"
        assert await status_of(address, tls, "of-nobody") == "UNAUTHENTICATED"
        assert await status_of(address, ClientTls(authority.file), "of-tenant-7") == "UNAVAILABLE"
        assert await status_of(address, None, "of-tenant-7") == "UNAVAILABLE"

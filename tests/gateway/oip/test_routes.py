"""`/v2` of a real gateway before a real server of models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from rapt.tls import ServerTls

from gateway.oip.requests import MAX_BODY_BYTES
from inference.grants import Grants
from inference.server import Door, Server
from tests.gateway.fakes import FakeAnswers
from tests.gateway.running import TOKEN, Running, config_for, run_gateway
from tests.inference.oip.serving import Client, SummingDevice, serving, summing
from tests.rapt.authority import Authority

WORKER = "of-the-worker"


@asynccontextmanager
async def gateway_before(address: str, data: Path, **changes: Any) -> AsyncIterator[Running]:
    """Run a gateway whose worker listens there."""
    config = config_for(data, address, inference_token=WORKER, **changes)
    async with run_gateway(config, FakeAnswers()) as running:
        yield running


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Running]:
    """A gateway before a server of the model `sum` that asks for a token."""
    async with serving({"sum": summing()}, grants=Grants(token=WORKER), token=WORKER) as client:
        address = f"127.0.0.1:{client.server.port}"
        async with gateway_before(address, tmp_path, oip_token="of-the-protocol") as running:  # noqa: S106  opens only this gateway
            yield running


def a_body(*rows: list[int]) -> dict[str, Any]:
    """Return a request to `sum` in JSON."""
    rows = rows or ([1, 2, 3],)
    tensor = {"name": "numbers", "shape": [len(rows), 3], "datatype": "INT32", "data": rows}
    return {"id": "7", "inputs": [tensor]}


async def test_a_client_learns_everything_over_http(gateway: Running) -> None:
    """Numbers are numbers, and what is zero is there."""
    http = gateway.http
    assert (await http.get("/v2/health/live")).status_code == 200
    assert (await http.get("/v2/health/ready")).json() == {"ready": True}
    assert (await http.get("/v2")).json()["name"] == "rapt"
    for path in ("/v2/models/sum", "/v2/models/sum/versions/1"):
        described = (await http.get(path)).json()
        assert described["inputs"] == [{"name": "numbers", "datatype": "INT32", "shape": [-1, 3]}]
        assert (await http.get(f"{path}/ready")).status_code == 200
        assert (await http.get(f"{path}/config")).json()["max_batch_size"] == 4
        counted = (await http.get(f"{path}/stats")).json()["model_stats"][0]
        assert counted["inference_stats"]["success"] == {"count": 0, "ns": 0}
    assert len((await http.get("/v2/models/stats")).json()["model_stats"]) == 1
    index = (await http.post("/v2/repository/index")).json()
    assert index == [{"name": "sum", "version": "1", "state": "READY", "reason": ""}]


async def test_a_request_is_answered_in_json_and_in_bytes(gateway: Running) -> None:
    """The same numbers either way."""
    path = "/v2/models/sum/infer"
    said = (await gateway.http.post(path, json=a_body([1, 2, 3], [4, 5, 6]))).json()
    assert (said["id"], said["outputs"][0]["data"]) == ("7", [6, 15])
    text = (
        b'{"inputs":[{"name":"numbers","shape":[1,3],"datatype":"INT32",'
        b'"parameters":{"binary_data_size":12}}],"parameters":{"binary_data_output":true}}'
    )
    raw = np.array([7, 8, 9], "<i4").tobytes()
    headers = {"inference-header-content-length": str(len(text))}
    answer = await gateway.http.post(f"{path}", content=text + raw, headers=headers)
    length = int(answer.headers["inference-header-content-length"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert np.frombuffer(answer.content[length:], "<i8").tolist() == [24]


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/v2/models/nobody", 404),
        ("GET", "/v2/models/sum/versions/9", 404),
        ("GET", "/v2/models/nobody/ready", 503),
        ("POST", "/v2/models/nobody/infer", 404),
        ("POST", "/v2/models/sum/versions/9/infer", 404),
    ],
)
async def test_errors_have_the_form_of_the_protocol(
    gateway: Running, verb: str, path: str, status: int
) -> None:
    """A status and a sentence."""
    answer = await gateway.http.request(verb, path, json=a_body() if verb == "POST" else None)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_a_body_that_is_wrong_or_too_large_is_refused(gateway: Running) -> None:
    """400 and 413, both in the protocol's form."""
    path = "/v2/models/sum/infer"
    wrong = await gateway.http.post(path, content=b"{")
    assert (wrong.status_code, "JSON" in wrong.json()["error"]) == (400, True)
    shape = await gateway.http.post(path, json=a_body(*[[1, 2, 3]] * 9))
    assert (shape.status_code, "1 to 4 rows" in shape.json()["error"]) == (400, True)
    large = await gateway.http.post(path, content=bytes(MAX_BODY_BYTES + 1))
    assert (large.status_code, bool(large.json()["error"])) == (413, True)


async def test_models_answer_to_whoever_brings_a_token(gateway: Running) -> None:
    """The local one or the protocol's own; health is everyone's."""
    async with httpx.AsyncClient(base_url=gateway.url) as stranger:
        assert (await stranger.get("/v2/health/ready")).status_code == 200
        for answer in (
            await stranger.get("/v2"),
            await stranger.get("/v2/models/sum"),
            await stranger.post("/v2/repository/index"),
            await stranger.post("/v2/models/sum/infer", json=a_body()),
            await stranger.get("/v2", headers={"authorization": "Bearer of-the-worker"}),
        ):
            assert (answer.status_code, bool(answer.json()["error"])) == (401, True)
        for token in (TOKEN, "of-the-protocol"):
            headers = {"authorization": f"Bearer {token}"}
            answer = await stranger.post("/v2/models/sum/infer", json=a_body(), headers=headers)
            assert answer.status_code == 200


async def test_a_worker_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    """503, and the gateway goes on."""
    async with gateway_before("127.0.0.1:9", tmp_path) as running:
        assert (await running.http.get("/v2/health/live")).status_code == 200
        assert (await running.http.get("/v2/health/ready")).status_code == 503
        answer = await running.http.post("/v2/models/sum/infer", json=a_body())
        assert (answer.status_code, "worker" in answer.json()["error"]) == (503, True)


async def test_a_full_worker_is_told_with_the_time_to_come_back(tmp_path: Path) -> None:
    """503 and Retry-After."""
    device = SummingDevice()
    async with serving({"sum": summing(device)}, max_waiting=0) as client:
        address = f"127.0.0.1:{client.server.port}"
        async with gateway_before(address, tmp_path) as running:
            answer = await running.http.post("/v2/models/sum/infer", json=a_body())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_worker_is_reached_over_mutual_tls(tmp_path: Path) -> None:
    """With the files of the settings; without a certificate nobody is let in."""
    authority = Authority(tmp_path, "ours")
    server, client = authority.sign("server"), authority.sign("client")
    tls = ServerTls(server.certificate, server.key, authority.file)
    listening = Server(Door("127.0.0.1:0", tls=tls), models={"sum": summing()})
    await listening.start()
    address = f"127.0.0.1:{listening.port}"
    for files, status in (
        ({"inference_certificate": client.certificate, "inference_key": client.key}, 200),
        ({}, 503),
    ):
        data = tmp_path / str(status)
        async with gateway_before(address, data, inference_ca=authority.file, **files) as running:
            assert (await running.http.get("/v2/health/ready")).status_code == status
    await listening.stop(0)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Running, list[Client]]]:
    """A gateway before two servers of models."""
    async with (
        serving({"sum": summing()}) as one,
        serving({"sum": summing()}) as other,
    ):
        address = ",".join(f"127.0.0.1:{client.server.port}" for client in (one, other))
        async with gateway_before(address, tmp_path) as running:
            yield running, [one, other]


def served_by(client: Client) -> int:
    """Return how many requests a server has answered."""
    return client.server._inference._models["sum"].statistics.success.count


async def test_a_sequence_stays_with_one_worker(two: tuple[Running, list[Client]]) -> None:
    """And everything else goes to any."""
    gateway, clients = two
    for _ in range(10):
        body = a_body() | {"parameters": {"sequence_id": 5, "sequence_start": True}}
        await gateway.http.post("/v2/models/sum/infer", json=body)
    assert sorted(map(served_by, clients)) == [0, 10]
    for _ in range(40):
        await gateway.http.post("/v2/models/sum/infer", json=a_body())
    assert min(map(served_by, clients)) > 0


async def test_a_worker_that_refuses_is_followed_by_the_next(
    two: tuple[Running, list[Client]],
) -> None:
    """So a client does not notice that one stops."""
    gateway, (one, other) = two
    await one.server.stop_accepting()
    for _ in range(20):
        answer = await gateway.http.post("/v2/models/sum/infer", json=a_body())
        assert answer.status_code == 200
    assert (served_by(one), served_by(other)) == (0, 20)

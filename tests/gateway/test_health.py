"""Health, counters, and the description of the interface."""

from tests.gateway.fakes import FakeAnswers, FakeWorker
from tests.gateway.running import Running, frame


async def test_health_names_what_is_away(
    gateway: Running, worker: FakeWorker, answers: FakeAnswers
) -> None:
    """Everything is there, then the store is not."""
    async with gateway.student() as browser:
        await browser.send(frame=frame(1))
        await browser.next_of("verdict")
        health = (await gateway.http.get("/healthz")).json()
        assert health == {
            "status": "ok",
            "inference": {worker.address: "ready"},
            "store": "ok",
            "hub": "ok",
        }
        answers.is_away = True
        health = (await gateway.http.get("/healthz")).json()
        assert (health["status"], health["store"]) == ("degraded", "away")
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_a_worker_that_nobody_has_used_is_ready_and_a_stopped_one_is_away(
    gateway: Running, worker: FakeWorker
) -> None:
    """It is asked, not guessed from the connection."""
    health = (await gateway.http.get("/healthz")).json()
    assert (health["status"], health["inference"][worker.address]) == ("ok", "ready")
    await worker.die()
    health = (await gateway.http.get("/healthz")).json()
    assert (health["status"], health["inference"][worker.address]) == ("degraded", "away")


async def test_frames_are_counted(gateway: Running) -> None:
    """By what became of them, never by person."""
    async with gateway.student() as browser:
        await browser.send(frame=frame(1))
        await browser.next_of("verdict")
        page = (await gateway.http.get("/metrics")).text
    assert "rapt_gateway_frames_total 1.0" in page
    assert "rapt_gateway_verdicts_total 1.0" in page
    assert "Ada" not in page


async def test_the_interface_is_described_with_its_errors(gateway: Running) -> None:
    """Every route under /v1 documents what it answers when it is refused."""
    schema = (await gateway.http.get("/schema/openapi.json")).json()
    routes = {path: verbs for path, verbs in schema["paths"].items() if path.startswith("/v1")}
    assert len(routes) >= 10
    for path, verbs in routes.items():
        for verb, route in verbs.items():
            assert route.get("summary") or route.get("description"), (verb, path)
            refusals = [code for code in route["responses"] if code.startswith("4")]
            assert refusals, (verb, path)
            for code in refusals:
                content = route["responses"][code]["content"]
                assert "application/problem+json" in content, (verb, path, code)

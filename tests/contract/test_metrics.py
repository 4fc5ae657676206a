"""Everything that any process counts: valid, documented names, and nobody in it."""

import re
from pathlib import Path

import httpx
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from analytics import counts, server, upkeep
from gateway.metrics import Metrics as GatewayMetrics
from inference.metrics import Metrics
from inference.pool.counts import PoolCounts
from tests.gateway.running import config_for, event, frame, run_gateway
from tests.inference.fakes import running_house
from tests.services import Services

LABELS = {
    "account", "bucket", "code", "cut", "fresh", "kind", "lane", "le", "model", "outcome",
    "provider", "reason", "result", "stage", "state", "table",
}  # fmt: skip
"""Each of a closed set; none is a person, a place or a time."""
WITHIN_S = 30.0
NAMES = {
    "rapt_frames_received_total",
    "rapt_frames_answered_total",
    "rapt_frames_superseded_total",
    "rapt_frames_cancelled_total",
    "rapt_frames_expired_total",
    "rapt_frames_refused_total",
    "rapt_frames_rejected_total",
    "rapt_frame_age_seconds",
    "rapt_queue_wait_seconds",
    "rapt_decode_seconds",
    "rapt_run_seconds",
    "rapt_batch_frames",
    "rapt_batch_padding_total",
    "rapt_batch_cuts_total",
    "rapt_stream_seconds_total",
    "rapt_streams_open",
    "rapt_streams_refused_total",
    "rapt_degradation_level",
    "rapt_capacity_frames_per_second",
    "rapt_device_busy_seconds_total",
    "rapt_device_info",
    "rapt_device_load_ratio",
    "rapt_device_memory_bytes",
    "rapt_latency_table_seconds",
    "rapt_run_outliers_total",
    "rapt_event_loop_lag_seconds",
    "rapt_workers",
    "rapt_worker_restarts_total",
    "rapt_warm_up_seconds",
}
"""What dashboards and alerts of operators are made of: a change here breaks theirs."""
COUNTED_HERE = (counts.SAVED, server.STATEMENTS, upkeep.CLOSED)
"""In the default registry, once their modules are loaded."""


def registries() -> list[CollectorRegistry]:
    """Return that of each kind of process."""
    workers, gateway, pool = Metrics(), GatewayMetrics(), PoolCounts(None)
    assert all(COUNTED_HERE)
    return [workers.registry, gateway.registry, pool.registry, REGISTRY]


def samples(page: str) -> list[Sample]:
    """Return every number of a page in Prometheus's text format."""
    return [one for family in text_string_to_metric_families(page) for one in family.samples]


def test_the_names_that_operators_build_upon_are_there() -> None:
    """Spelled as they always were."""
    families = [family for registry in registries() for family in registry.collect()]
    here = {f.name + ("_total" if f.type == "counter" else "") for f in families}
    assert here >= NAMES


def test_the_series_of_gateway_writer_and_store_are_documented(repository: Path) -> None:
    """Each in the table of its process; the worker's own stand in docs/inference.md."""
    page = (repository / "docs/seeing.md").read_text()
    rows = re.findall(r"^\| (`rapt_.*?) \|", page, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    gateway, default = GatewayMetrics().registry, REGISTRY
    here = {family.name for registry in (gateway, default) for family in registry.collect()}
    assert documented == {name for name in here if name.startswith("rapt_")}


def test_labels_come_from_a_closed_set() -> None:
    """A label that could hold a person would be seen here first."""
    named = {
        label
        for registry in registries()
        for collector, names in list(registry._collector_to_names.items())
        for label in getattr(collector, "_labelnames", ())
        if any(name.startswith("rapt_") for name in names)
    }
    assert named <= LABELS
    assert len(named) > 8


async def test_no_tenant_content_session_or_name_appears(tmp_path: Path) -> None:
    """After a student was there, in the pages of gateway and worker."""
    async with running_house() as house:
        config = config_for(tmp_path, f"127.0.0.1:{house.worker.port}", tenant=987_654)
        async with run_gateway(config) as gateway:
            content = await gateway.make_content(title="Optics of Alhazen")
            opened = await gateway.open_session(content)
            async with gateway.browser(opened["ticket"]) as browser:
                await browser.send(player_event=event(1))
                await browser.until_acked(1)
                await browser.send(frame=frame(1))
                await browser.next_of("verdict")
                await browser.send(frame=frame(2, b"broken"))
                await browser.next_of("shed")
                page = (await gateway.http.get("/metrics")).text
        pages = [page, *(generate_latest(r).decode() for r in (house.metrics.registry, REGISTRY))]
    found = [sample for page in pages for sample in samples(page)]
    values = {value for sample in found for value in sample.labels.values()}
    assert {"rapt_frames_answered_total", "rapt_gateway_frames_total"} <= {s.name for s in found}
    for secret in (opened["session_id"], content, "987654", "Lovelace", "Ada", "Alhazen"):
        assert not [value for value in values if secret in value], secret
    assert all(re.fullmatch(r"[A-Za-z0-9_.+-]*", value) for value in values), values


def test_every_service_shows_its_metrics_where_run_json_says(running: Services) -> None:
    """On loopback, readable by Prometheus's own parser, without a token."""
    places = running.running.metrics
    assert places.keys() == {"gateway", "inference", "store"}
    shown = {name: samples(httpx.get(url, timeout=WITHIN_S).text) for name, url in places.items()}
    assert all(url.startswith("http://127.0.0.1:") for url in places.values())
    for name, series in (
        ("gateway", "rapt_gateway_sockets"),
        ("inference", "rapt_capacity_frames_per_second"),
        ("store", "rapt_store_statements_running"),
    ):
        assert series in {sample.name for sample in shown[name]}
    url = places["inference"].replace("/metrics", "/explain")
    explained = httpx.get(url, timeout=WITHIN_S)
    assert isinstance(explained.json(), list)

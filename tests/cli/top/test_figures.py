"""What two looks say together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from rapt.cli.top.figures import Between, GatewayFigures, StoreFigures, WorkerFigures, percentile

from tests.cli.top.scrapes import between, shown

LIMITS_S = (0.01, 0.025, 0.05, 0.1, 0.5, 1.0)


@given(st.lists(st.floats(0, 0.9), min_size=1), st.floats(0.01, 1))
def test_a_percentile_lies_in_the_bucket_of_the_value(values: list[float], share: float) -> None:
    """A histogram knows no more, and no less."""
    registry = CollectorRegistry()
    histogram = Histogram("age_seconds", "", buckets=LIMITS_S, registry=registry)
    before = shown(registry, at_s=0)
    for value in values:
        histogram.observe(value)
    buckets = Between(before, shown(registry, at_s=2)).buckets("age_seconds")
    at = percentile(buckets, share)
    assert at is not None
    wanted = sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]
    high = next(limit for limit in LIMITS_S if wanted <= limit)
    low = max((limit for limit in (0.0, *LIMITS_S) if limit < high), default=0.0)
    assert low - 1e-9 <= at <= high + 1e-9


def test_no_values_have_no_percentile() -> None:
    """Nor have values that are all from before."""
    assert percentile({}, 0.5) is None
    assert percentile({0.1: 0.0, float("inf"): 0.0}, 0.5) is None


def test_a_counter_that_shrank_belongs_to_a_new_process() -> None:
    """What it says was counted since that began."""
    look = between("a_total 100\n", "a_total 6\n")
    assert (look.grown("a_total"), look.rate("a_total")) == (6, 3)
    assert look.rate("nothing_total") == 0


def a_worker(
    received: int, fresh: int, busy: float, *, load: float = 0, provider: str = "CPU"
) -> Between:
    """Return one that received so many frames in two seconds."""
    after = f"""
rapt_device_info{{provider="{provider}ExecutionProvider"}} 1
rapt_device_load_ratio{{kind="arriving"}} {load}
rapt_device_load_ratio{{kind="open"}} 0.25
rapt_streams_open 3
rapt_frames_received_total {received}
rapt_frames_answered_total {received}
rapt_frames_superseded_total 4
rapt_frames_refused_total{{reason="rate"}} 2
rapt_stream_seconds_total{{fresh="yes"}} {fresh}
rapt_stream_seconds_total{{fresh="no"}} 2
rapt_batch_frames_sum{{stage="run"}} {received}
rapt_batch_frames_count{{stage="run"}} 2
rapt_batch_frames_sum{{stage="mesh"}} 99
rapt_batch_frames_count{{stage="mesh"}} 1
rapt_run_seconds_sum{{stage="run",bucket="1"}} 0.4
rapt_run_seconds_count{{stage="run",bucket="1"}} 2
rapt_run_seconds_sum{{stage="mesh",bucket="1"}} 9
rapt_run_seconds_count{{stage="mesh",bucket="1"}} 1
rapt_device_busy_seconds_total {busy}
rapt_device_memory_bytes{{kind="used"}} 30
rapt_device_memory_bytes{{kind="total"}} 120
rapt_degradation_level 2
rapt_facts_spool_rows 5
rapt_facts_spool_oldest_seconds 1.5
"""
    return between("rapt_streams_open 0\n", after)


def test_workers_are_added_and_averaged_as_it_is_right_for_each_figure() -> None:
    """Streams and rates add up, shares and times are means, the worst level and lag count."""
    workers = [a_worker(10, 8, 1.0), a_worker(30, 2, 2.0, load=0.75, provider="CUDA")]
    together = WorkerFigures.of("all", workers)
    assert (together.streams, together.received_per_s, together.spool_rows) == (6, 20, 10)
    assert together.fresh_share == pytest.approx(10 / 14)
    assert together.batch_frames == 10
    assert together.run_s == pytest.approx(0.2)
    assert together.busy_share == pytest.approx(0.75)
    assert together.load == pytest.approx(0.5)
    assert together.device == "CPU, CUDA"
    assert (together.level, together.spool_lag_s, together.memory_share) == (2, 1.5, 0.25)
    assert together.drops_per_s == {"refused rate": 2, "superseded": 4}


def test_a_worker_that_has_done_nothing_says_nothing() -> None:
    """Instead of zeros that look like measurements."""
    idle = WorkerFigures.of("local", [between("a 1\n", "a 1\n")])
    assert (idle.age_p95_s, idle.fresh_share, idle.batch_frames, idle.run_s) == (None,) * 4
    assert idle.drops_per_s == {}
    assert (idle.device, idle.load) == ("", 0)


def test_gateway_and_store_are_read_off_their_own_series() -> None:
    """Refusals by reason, only those that happen."""
    gateway = GatewayFigures.of(
        between(
            'rapt_gateway_shed_total{reason="refused_rate"} 1\n',
            'rapt_gateway_shed_total{reason="refused_rate"} 5\n'
            'rapt_gateway_shed_total{reason="superseded"} 0\n'
            "rapt_gateway_sockets 7\nrapt_gateway_hub_up 1\n",
        )
    )
    assert (gateway.sockets, gateway.hub_is_up) == (7, True)
    assert gateway.shed_per_s == {"refused_rate": 2}
    store = StoreFigures.of(
        between(
            "a 1\n",
            'rapt_store_statements_total{account="reader",result="done"} 4\n'
            'rapt_store_statement_seconds_sum{account="reader"} 1\n'
            'rapt_store_statement_seconds_count{account="reader"} 4\n',
        )
    )
    assert (store.statements_per_s, store.statement_s) == (2, 0.25)

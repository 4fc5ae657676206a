"""What do two looks at the same endpoints say? Pure.

Counters only grow, so their difference is what happened between the looks; one that shrank belongs
to a new process, and counts from nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec

from rapt.cli.top.scrape import Scrape

PROVIDER = "ExecutionProvider"
"""What ONNX Runtime adds to the name of each device."""
DROPS = ("superseded", "expired", "refused", "rejected", "cancelled")


class Between(msgspec.Struct, frozen=True):
    """Two looks at one endpoint, the older first."""

    before: Scrape
    after: Scrape

    @property
    def span_s(self) -> float:
        """Seconds between them."""
        return max(self.after.at_s - self.before.at_s, 1e-9)

    def rate(self, name: str, **labels: str) -> float:
        """Return by how much a counter grew in a second."""
        return self.grown(name, **labels) / self.span_s

    def grown(self, name: str, **labels: str) -> float:
        """Return by how much a counter grew."""
        new, old = self.after.total(name, **labels), self.before.total(name, **labels)
        return new - old if new >= old else new

    def buckets(self, name: str) -> dict[float, float]:
        """Return how much each bucket of a histogram grew, by its upper limit."""
        limits = self.after.by(name + "_bucket", "le")
        return {float(limit): self.grown(name + "_bucket", le=limit) for limit in limits}


class WorkerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One worker, or all of them together; shares are 0..1, None = nothing to say it from."""

    name: str
    state: str = "ready"
    device: str
    """What the networks run on: CPU, CUDA; of several workers all that there are."""
    streams: int
    received_per_s: float
    answered_per_s: float
    age_p50_s: float | None
    age_p95_s: float | None
    fresh_share: float | None
    batch_frames: float | None
    """Mean."""
    queue_s: float | None
    """Mean from a frame's arrival to its preparation."""
    prepare_s: float | None
    """Mean of a batch, on the host."""
    run_s: float | None
    """Mean of a batch, on the device."""
    load: float
    """Share of the device that is needed, beyond 1 when that is more than it can do: by what
    arrives, or by all open streams where none steps down, whichever is larger. Mean."""
    busy_share: float
    """Of the device's time; says little, for even at a low load it is nearly always busy."""
    memory_bytes: float
    memory_share: float
    """Of the device that is fullest."""
    capacity_per_s: float
    level: int
    drops_per_s: dict[str, float]
    """By outcome, and reason where there is one; only those that happened."""
    loop_lag_s: float
    spool_rows: int
    spool_bytes: float
    spool_lag_s: float
    """Age of the oldest rows that the store does not have yet."""

    @classmethod
    def of(cls, name: str, looks: Iterable[Between], *, state: str = "ready") -> Self:
        """Put together what the looks at some workers say."""
        looks = tuple(looks)
        ages = _added(look.buckets("rapt_frame_age_seconds") for look in looks)
        fresh = sum(look.grown("rapt_stream_seconds_total", fresh="yes") for look in looks)
        seconds = sum(look.grown("rapt_stream_seconds_total") for look in looks)

        def rate(series: str) -> float:
            return sum(look.rate(series) for look in looks)

        def now(series: str, **labels: str) -> list[float]:
            return [look.after.total(series, **labels) for look in looks]

        return cls(
            name=name,
            state=state,
            device=", ".join(sorted({device for look in looks for device in _devices(look)})),
            streams=round(sum(now("rapt_streams_open"))),
            received_per_s=rate("rapt_frames_received_total"),
            answered_per_s=rate("rapt_frames_answered_total"),
            age_p50_s=percentile(ages, 0.5),
            age_p95_s=percentile(ages, 0.95),
            fresh_share=fresh / seconds if seconds > 0 else None,
            batch_frames=_mean(looks, "rapt_batch_frames", stage="run"),
            queue_s=_mean(looks, "rapt_queue_wait_seconds"),
            prepare_s=_mean(looks, "rapt_run_seconds", stage="prepare"),
            run_s=_mean(looks, "rapt_run_seconds", stage="run"),
            load=sum(map(_load, looks)) / max(len(looks), 1),
            busy_share=rate("rapt_device_busy_seconds_total") / max(len(looks), 1),
            memory_bytes=sum(now("rapt_device_memory_bytes", kind="used")),
            memory_share=max(map(_memory_share, looks), default=0.0),
            capacity_per_s=sum(now("rapt_capacity_frames_per_second")),
            level=round(max(now("rapt_degradation_level"), default=0)),
            drops_per_s=_drops(looks),
            loop_lag_s=max(now("rapt_event_loop_lag_seconds"), default=0.0),
            spool_rows=round(sum(now("rapt_facts_spool_rows"))),
            spool_bytes=sum(now("rapt_facts_spool_bytes")),
            spool_lag_s=max(now("rapt_facts_spool_oldest_seconds"), default=0.0),
        )


class GatewayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway."""

    sockets: int
    sessions: int
    frames_per_s: float
    verdicts_per_s: float
    shed_per_s: dict[str, float]
    """By reason; only those that happened."""
    lost_calls_per_s: float
    hub_is_up: bool
    hub_lag_s: float

    @classmethod
    def of(cls, look: Between) -> Self:
        """Read them off two looks."""
        after = look.after
        reasons = after.by("rapt_gateway_shed_total", "reason")
        shed = {one: look.rate("rapt_gateway_shed_total", reason=one) for one in sorted(reasons)}
        return cls(
            sockets=round(after.total("rapt_gateway_sockets")),
            sessions=round(after.total("rapt_gateway_sessions")),
            frames_per_s=look.rate("rapt_gateway_frames_total"),
            verdicts_per_s=look.rate("rapt_gateway_verdicts_total"),
            shed_per_s={reason: rate for reason, rate in shed.items() if rate > 0},
            lost_calls_per_s=look.rate("rapt_gateway_observe_lost_total"),
            hub_is_up=after.total("rapt_gateway_hub_up") > 0,
            hub_lag_s=after.total("rapt_gateway_hub_lag_seconds"),
        )


class StoreFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The store."""

    statements_per_s: float
    running: int
    statement_s: float | None
    """Mean."""
    rows_per_s: float
    refused_per_s: float

    @classmethod
    def of(cls, look: Between) -> Self:
        """Read them off two looks."""
        return cls(
            statements_per_s=look.rate("rapt_store_statements_total"),
            running=round(look.after.total("rapt_store_statements_running")),
            statement_s=_mean([look], "rapt_store_statement_seconds"),
            rows_per_s=look.rate("rapt_store_rows_written_total"),
            refused_per_s=look.rate("rapt_store_refused_total"),
        )


def percentile(buckets: dict[float, float], share: float) -> float | None:
    """Return where a share of a histogram's values lies below, straight between bucket limits."""
    limits = sorted(buckets)
    if not limits or buckets[limits[-1]] <= 0:
        return None
    wanted, below_s, below = share * buckets[limits[-1]], 0.0, 0.0
    for limit_s in limits:
        count = buckets[limit_s]
        if count >= wanted:
            if limit_s == float("inf"):
                return below_s
            return below_s + (limit_s - below_s) * (wanted - below) / max(count - below, 1e-9)
        below_s, below = limit_s, count
    return below_s


def _mean(looks: Sequence[Between], name: str, **labels: str) -> float | None:
    """Return the mean of what a histogram took in; None when that is nothing."""
    count = sum(look.grown(name + "_count", **labels) for look in looks)
    return sum(look.grown(name + "_sum", **labels) for look in looks) / count if count else None


def _devices(look: Between) -> list[str]:
    providers = look.after.by("rapt_device_info", "provider")
    return [name.removesuffix(PROVIDER) for name, here in providers.items() if here]


def _load(look: Between) -> float:
    return max(look.after.by("rapt_device_load_ratio", "kind").values(), default=0.0)


def _memory_share(look: Between) -> float:
    used = look.after.total("rapt_device_memory_bytes", kind="used")
    return used / max(look.after.total("rapt_device_memory_bytes", kind="total"), used, 1.0)


def _drops(looks: Iterable[Between]) -> dict[str, float]:
    drops: dict[str, float] = {}
    for look in looks:
        for outcome in DROPS:
            name = f"rapt_frames_{outcome}_total"
            for reason in look.after.by(name, "reason"):
                rate = look.rate(name, reason=reason) if reason else look.rate(name)
                key = f"{outcome} {reason}".strip()
                drops[key] = drops.get(key, 0.0) + rate
    return {key: rate for key, rate in sorted(drops.items()) if rate > 0}


def _added(histograms: Iterable[dict[float, float]]) -> dict[float, float]:
    sums: dict[float, float] = {}
    for histogram in histograms:
        for limit, count in histogram.items():
            sums[limit] = sums.get(limit, 0.0) + count
    return sums

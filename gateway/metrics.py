"""What the gateway counts, for Prometheus.

Labels come from closed enums; people and sessions are never labels.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from rapt.tracing.spans import TraceCounts
from rapt.v1 import perception_pb2 as perception


class Metrics:
    """Counters and gauges of one gateway."""

    def __init__(self) -> None:
        self.registry = every = CollectorRegistry()
        self.frames = Counter(
            "rapt_gateway_frames", "Frames received from browsers.", registry=every
        )
        self.verdicts = Counter(
            "rapt_gateway_verdicts", "Verdicts sent to browsers.", registry=every
        )
        self.events = Counter(
            "rapt_gateway_player_events", "Player events received.", registry=every
        )
        self.shed = Counter(
            "rapt_gateway_shed", "Frames and events not used.", ["reason"], registry=every
        )
        self.lost_calls = Counter(
            "rapt_gateway_observe_lost", "Observe calls that were cut.", registry=every
        )
        self.moved_calls = Counter(
            "rapt_gateway_observe_moved",
            "Observe calls that moved to another worker.",
            registry=every,
        )
        self.closed_sockets = Counter(
            "rapt_gateway_sockets_closed", "Sockets that we closed.", ["code"], registry=every
        )
        self.unheard = Counter(
            "rapt_gateway_answers_unheard", "Answers for a browser that was gone.", registry=every
        )
        self.hub_dropped = Counter(
            "rapt_gateway_hub_dropped", "Hub entries not delivered.", ["lane"], registry=every
        )
        self.hub_up = Gauge(
            "rapt_gateway_hub_up", "1 when the hub reads from Redis.", registry=every
        )
        self.hub_lag = Gauge(
            "rapt_gateway_hub_lag_seconds", "Age of the last entry heard.", registry=every
        )
        self.sessions = Gauge("rapt_gateway_sessions", "Sessions that are open.", registry=every)
        self.traces = TraceCounts(every)
        self.sockets = Gauge("rapt_gateway_sockets", "Sockets that are open.", registry=every)

    def count_shed(self, reason: perception.ShedReason.ValueType) -> None:
        """Count one frame or event that is not used."""
        try:
            name = perception.ShedReason.Name(reason)
        except ValueError:  # a newer worker's reason
            name = "SHED_REASON_UNSPECIFIED"
        self.shed.labels(reason=name.removeprefix("SHED_REASON_").lower()).inc()

    def page(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)

"""What an operator sees of one worker. Labels come from closed sets; nobody is named."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from rapt.tracing.spans import TraceCounts

from inference.memory import MemoryCollector
from inference.messages import Shed, ShedReason

ARRIVING, OPEN = "arriving", "open"
"""What a load is of: the frames that arrive and replace none that waits; all open streams, at the
rate of the settings."""
_AGES_S = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1.0, 2.0, 5.0)
_QUEUES_S = (0.001, 0.0025, 0.005, *_AGES_S)
_BATCHES = (1, 2, 4, 8, 16, 32, 64)
_RUNS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """All series of the worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._shed: dict[ShedReason, Counter] = {}
        """Counters of frames by why they are shed, those that were needed."""
        self._make_frames()
        self._make_streams()
        self._make_device()
        self._make_models()
        self.traces = TraceCounts(self.registry)

    def _make_frames(self) -> None:
        self.frames_received = self._counter("rapt_frames_received", "Frames received")
        self.frames_answered = self._counter("rapt_frames_answered", "Frames with a verdict")
        self.frames_reused = self._counter(
            "rapt_frames_reused", "Frames answered with the measurements of the one before"
        )
        self.frames_superseded = self._counter("rapt_frames_superseded", "A newer frame came first")
        self.frames_cancelled = self._counter("rapt_frames_cancelled", "The stream closed first")
        self.frames_expired = self._counter("rapt_frames_expired", "No answer in time was possible")
        self.frames_refused = self._counter("rapt_frames_refused", "Frames refused", "reason")
        self.frames_rejected = self._counter("rapt_frames_rejected", "Frames rejected", "reason")
        self.frame_age = self._histogram(
            "rapt_frame_age_seconds", "Arrival of a frame to its verdict, and its excess", _AGES_S
        )
        self.queue_wait = self._histogram(
            "rapt_queue_wait_seconds",
            "Arrival to the start of the batch",
            _QUEUES_S,
            "stage",
            "bucket",
        )

    def _make_streams(self) -> None:
        self.streams_open = self._gauge("rapt_streams_open", "Open Observe calls")
        self.streams_refused = self._counter("rapt_streams_refused", "Openings refused", "reason")
        self.level = self._gauge("rapt_degradation_level", "How far the worker has stepped down")
        self.stream_seconds = self._counter(
            "rapt_stream_seconds", "Playing seconds with a camera, by a verdict in them", "fresh"
        )
        self.verdicts_too_late = self._counter(
            "rapt_verdicts_too_late", "Verdicts on a second that was written already"
        )
        self.events_received = self._counter("rapt_events_received", "Player events received")
        self.events_shed = self._counter("rapt_events_shed", "Player events refused", "reason")
        self.messages_rejected = self._counter("rapt_messages_rejected", "Neither frame nor event")
        self.answers_replaced = self._counter(
            "rapt_answers_replaced", "Answers merged because the gateway reads slowly"
        )
        self.facts_waiting = self._gauge(
            "rapt_facts_waiting", "Facts that the full disk keeps in memory"
        )
        self.facts_lost = self._counter(
            "rapt_facts_lost", "Facts for which a full disk left no room in memory either"
        )
        self.event_loop_lag = self._gauge(
            "rapt_event_loop_lag_seconds", "How late the last tick was"
        )

    def _make_device(self) -> None:
        self.run = self._histogram(
            "rapt_run_seconds", "One step of a batch", _RUNS_S, "stage", "bucket"
        )
        self.decode = self._histogram(
            "rapt_decode_seconds", "Decoding the pictures of a batch", _RUNS_S, "bucket"
        )
        self.run_outliers = self._counter(
            "rapt_run_outliers", "Steps clipped as outliers", "stage", "bucket"
        )
        self.run_times = self._gauge(
            "rapt_latency_table_seconds", "Time to count on", "stage", "bucket"
        )
        self.out_of_memory = self._counter(
            "rapt_device_out_of_memory", "Batches too large for the device's memory"
        )
        self.batch_frames = self._histogram(
            "rapt_batch_frames", "Frames or faces in a step of a batch", _BATCHES, "stage"
        )
        self.batch_padding = self._counter(
            "rapt_batch_padding", "Places of a step that nothing stood in", "stage"
        )
        self.batch_cuts = self._counter("rapt_batch_cuts", "Why batches are as they are", "cut")
        self.device = self._gauge(
            "rapt_device_info", "What the networks run on; always 1", "provider"
        )
        self.device_busy = self._counter("rapt_device_busy_seconds", "Time that runs took")
        self.device_load = self._gauge(
            "rapt_device_load_ratio", "Device-seconds that a second of frames needs", "kind"
        )
        self.warm_up = self._gauge("rapt_warm_up_seconds", "Time that the warm-up took")
        self.device_memory = MemoryCollector(self.registry)
        self.capacity = self._gauge(
            "rapt_capacity_frames_per_second", "Frames the device can carry"
        )

    def _make_models(self) -> None:
        self.model_requests = self._counter(
            "rapt_model_requests", "Requests to models", "model", "outcome"
        )
        self.model_requests_waiting = self._gauge(
            "rapt_model_requests_waiting", "Requests to models that wait or run"
        )

    def count_shed(self, shed: Shed) -> None:
        """Count a frame, an event or a message that will not be used."""
        if shed.event_seq is not None:
            self.events_shed.labels(shed.reason.name.lower()).inc()
        elif shed.frame_sequence is None:
            self.messages_rejected.inc()
        else:
            counter = self._shed.get(shed.reason) or self._counter_of(shed.reason)
            counter.inc()

    def _counter_of(self, reason: ShedReason) -> Counter:
        """Return the counter of frames that are shed for a reason; its first word names it."""
        outcome, _, rest = reason.name.lower().partition("_")
        counter: Counter = getattr(self, f"frames_{outcome}")
        self._shed[reason] = counter.labels(rest) if rest else counter
        return self._shed[reason]

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

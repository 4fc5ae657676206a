"""What an operator sees of one worker. Labels come from closed sets; nobody is named."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_AGES_S = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1.0, 2.0, 5.0)
_RUNS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """All series of the worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.frames_received = self._counter("rapt_frames_received", "Frames received")
        self.frames_answered = self._counter("rapt_frames_answered", "Frames with a verdict")
        self.frames_shed = self._counter("rapt_frames_shed", "Frames without a verdict", "reason")
        self.events_received = self._counter("rapt_events_received", "Player events received")
        self.events_shed = self._counter("rapt_events_shed", "Player events refused", "reason")
        self.verdicts_too_late = self._counter(
            "rapt_verdicts_too_late", "Verdicts on a second that was written already"
        )
        self.answers_replaced = self._counter(
            "rapt_answers_replaced", "Answers merged because the gateway reads slowly"
        )
        self.streams_refused = self._counter("rapt_streams_refused", "Openings refused", "reason")
        self.run_outliers = self._counter("rapt_run_outliers", "Runs clipped as outliers")
        self.batch_padding = self._counter("rapt_batch_padding", "Frames of padding")
        self.batch_cuts = self._counter("rapt_batch_cuts", "Why batches are as they are", "cut")
        self.device_busy = self._counter("rapt_device_busy_seconds", "Time that runs took")
        self.streams_open = Gauge("rapt_streams_open", "Open Observe calls", registry=self.registry)
        self.facts_waiting = Gauge(
            "rapt_facts_waiting", "Facts that the full disk keeps in memory", registry=self.registry
        )
        self.capacity = Gauge(
            "rapt_capacity_frames_per_second", "Frames the device can carry", registry=self.registry
        )
        self.frame_age = self._histogram(
            "rapt_frame_age_seconds", "Arrival of a frame to its verdict, and its excess", _AGES_S
        )
        self.queue_wait = self._histogram(
            "rapt_queue_wait_seconds", "Arrival of a frame to the start of its batch", _AGES_S
        )
        self.run = self._histogram("rapt_run_seconds", "One run of the pipeline", _RUNS_S)
        self.batch_frames = self._histogram(
            "rapt_batch_frames", "Frames in a run", (1, 2, 4, 8, 16, 32, 64)
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, buckets=buckets, registry=self.registry)

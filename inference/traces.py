"""Spans of a worker: one for each stream, one for each batch, and links both ways.

A stream's span stands under its session's span in the gateway. A batch belongs to many streams and
stands alone: it links to the streams of its frames, and each of them to its last batches. Below a
batch are its queue, its preparation and its run, and below those the networks.
Streams are recorded by chance, or as the gateway decided. A batch is recorded when one of its
streams is, at most `MAX_BATCHES_PER_S`: more would cost the device's host more than they tell.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rapt.rate import TokenBucket
from rapt.tracing.spans import Span, TraceCounts, Tracer, traceparent_of

from inference.engine.device import Timed
from inference.engine.held import Batch, Owner
from inference.engine.times import DECODE, PREPARE, RUN
from inference.scheduling.stages import StageRun
from inference.sessions.tally import Tally

MAX_BATCHES_PER_S = 20

Metadata = Iterable[tuple[str, str | bytes]] | None


class Traces:
    """The spans of one worker."""

    def __init__(self, tracer: Tracer, counts: TraceCounts) -> None:
        self._tracer = tracer
        self._counts = counts
        self._streams: dict[Owner, Span] = {}
        self._allowed = TokenBucket(per_s=MAX_BATCHES_PER_S, burst=MAX_BATCHES_PER_S)

    @contextmanager
    def stream(
        self, owner: Owner, metadata: Metadata, *, session_id: int, tally: Tally
    ) -> Iterator[None]:
        """Follow a stream to its end.

        Args:
            owner: as the engine knows it.
            metadata: of the call; may say under which span it stands.
            session_id: the same as in the log.
            tally: what became of its frames.
        """
        parent = traceparent_of(metadata)
        span = self._tracer.begin("stream", parent=parent, session_id=str(session_id))
        if span.is_recorded:
            self._streams[owner] = span
        try:
            yield
        finally:
            self._streams.pop(owner, None)
            span.note(
                frames_received=tally.frames_received,
                frames_answered=tally.frames_answered,
                **{f"shed_{reason.name.lower()}": count for reason, count in tally.shed()},
            )
            span.end()

    def batch(self, batch: Batch, timed: Timed) -> None:
        """Record a batch that was run."""
        held = batch.members()
        streams = [self._streams[one.owner] for one in held if one.owner in self._streams]
        if not streams:
            return
        prepared_s = timed.started_s - timed.prepare_s
        if not self._allowed.take(prepared_s):
            self._counts.too_many()
            return
        arrived_s = [one.arrived_s for one in held]
        begun_s, ended_s = min(*arrived_s, prepared_s), timed.started_s + timed.run_s
        span = self._tracer.record(
            "batch",
            links=streams,
            begun_s=begun_s,
            ended_s=ended_s,
            frames=len(timed.ran.results),
            bucket=batch.decided.bucket,
            cut=batch.decided.cut.value,
            expired=len(batch.decided.expired),
            queue_s=prepared_s - begun_s,
            queue_mean_s=prepared_s - sum(arrived_s) / len(arrived_s),
            prepare_s=timed.prepare_s,
            run_s=timed.run_s,
        )
        for stream in streams:
            stream.link(span)
        self._step("queue", span, begun_s, prepared_s)
        host = [stage for stage in timed.ran.stages if stage.stage == DECODE]
        device = [stage for stage in timed.ran.stages if stage.stage != DECODE]
        prepare_end_s = prepared_s + timed.prepare_s
        self._stages(self._step(PREPARE, span, prepared_s, prepare_end_s), prepared_s, host)
        self._stages(self._step(RUN, span, timed.started_s, ended_s), timed.started_s, device)

    def _step(self, name: str, batch: Span, begun_s: float, ended_s: float) -> Span:
        return self._tracer.record(name, parent=batch, begun_s=begun_s, ended_s=ended_s)

    def _stages(self, step: Span, begun_s: float, stages: Iterable[StageRun]) -> None:
        """Record the runs of a step one after the other: their order and lengths are known."""
        for stage in stages:
            ended_s = begun_s + stage.run_s
            self._tracer.record(
                stage.stage,
                parent=step,
                begun_s=begun_s,
                ended_s=ended_s,
                bucket=stage.bucket,
                items=stage.items,
            )
            begun_s = ended_s

"""The frames of one call: each is taken or refused on arrival, held, and answered exactly once.

What the engine knows as their owner, and the load as an open stream.
"""

import asyncio
import time
from typing import Any

from rapt.deadline import Deadline
from rapt.limits import MAX_FRAME_BYTES
from rapt.rate import TokenBucket

from inference.engine.engine import Engine, Held
from inference.messages import Camera, Frame, Shed, ShedReason, Verdict
from inference.metrics import Metrics
from inference.perception.detect import MAX_ROOM_FACES
from inference.perception.look import Look, Seen, Unreadable
from inference.scheduling.freshness import Freshness, deadline_of
from inference.scheduling.ladder import LEVELS, Terms
from inference.sessions.sessions import Carried
from inference.streams.outbox import Outbox
from inference.streams.watching import Watching, judge_together

ROOM_FACES = 8
"""Faces that a frame of a room camera is expected to show before one was looked at."""

SLACK, BURST_S = 1.1, 4.0
"""Of the most frames a second: clocks drift, and networks deliver in bursts."""

SHORTEST_S = 0.1
"""Who leaves less time is not waiting for us, but for luck."""


def expected_faces(camera: Camera, seen: int | None = None) -> int:
    """Return what a frame costs, in faces: of a room as many as it showed last.

    Args:
        camera: of the stream.
        seen: faces in its last frame; None before the first.
    """
    if camera is not Camera.ROOM:
        return 1
    return ROOM_FACES if seen is None else min(max(seen, 1), MAX_ROOM_FACES)


class Frames:
    """From the wire to the verdict."""

    def __init__(
        self,
        engine: Engine,
        carried: Carried,
        *,
        number: int,
        metrics: Metrics,
        outbox: Outbox,
    ) -> None:
        """Begin without any.

        Args:
            engine: runs them.
            carried: of the session.
            number: of the call, in this process.
            metrics: where they are counted.
            outbox: takes what is said about each.
        """
        session = carried.session
        self.number = number
        self.tenant = session.sitting.tenant_id
        self.cost = expected_faces(session.camera)
        self.served_at_s = self.heard_at_s = time.monotonic()
        self.unanswered_since_s: float | None = None
        self._terms = LEVELS[0]
        self._allowance = _allowance(self._terms)
        self._engine = engine
        self._session = session
        self._tally = carried.tally
        self._metrics = metrics
        self._outbox = outbox
        self.watching = Watching(session)
        self._freshness = Freshness()
        self._held: set[Held] = set()
        self._last_sequence = 0
        self._captured_us = 0
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def terms(self) -> Terms:
        """What the gateway is asked for; the load changes it, and a paused one is told at once."""
        return self._terms

    @terms.setter
    def terms(self, terms: Terms) -> None:
        if terms != self._terms:
            if terms.most_fps_milli != self._terms.most_fps_milli:
                self._allowance = _allowance(terms)
            self._terms = terms
            self._outbox.tell_pace()

    def take(self, frame: Frame) -> None:
        """Let a frame wait for the device, or refuse it."""
        now_s = time.monotonic()
        self._receive()
        refused = self._refused(frame, now_s)
        self._last_sequence = max(self._last_sequence, frame.sequence)
        if refused is not None:
            reason, detail = refused
            self._refuse(Shed(reason, detail, frame_sequence=frame.sequence))
            return
        excess_s = self._excess_s(frame, now_s)
        deadline = deadline_of(frame.budget_ms, arrived_s=now_s, excess_s=excess_s)
        self._hear(frame, now_s, deadline)
        held = Held(self, frame, now_s, excess_s, deadline)
        self._held.add(held)
        self._tally.frames_held = len(self._held)
        self._settled.clear()
        self._engine.offer(held)

    def take_malformed(self, shed: Shed) -> None:
        """Note a message that is no frame, or hardly one."""
        if shed.frame_sequence is not None:
            self._receive()
            self._last_sequence = max(self._last_sequence, shed.frame_sequence)
        self._refuse(shed)

    async def settled(self) -> None:
        """Wait until no frame is under way."""
        await self._settled.wait()

    def cancel(self) -> None:
        """Give up whatever is under way: the call ends."""
        self._engine.leave(self)
        for held in list(self._held):
            self.shed(held, ShedReason.CANCELLED, "the stream closed first")

    # What the engine asks.

    def job(self, held: Held) -> Look:
        """Return what the pipeline needs to look at this frame now."""
        wants = self.watching.wants(self.terms)
        return Look(_frame_of(held).image, self._session.track, wants)

    def answer(self, held: Held, result: Seen | Unreadable, *, started_s: float) -> None:
        """Judge what was seen and say so."""
        self.served_at_s = now_s = time.monotonic()
        self.unanswered_since_s = None
        if isinstance(result, Unreadable):
            self.shed(held, ShedReason["REJECTED_" + result.reason.name], result.detail)
            return
        taken_s = held.arrived_s - held.excess_s
        judgement, expression = self.watching.judge(result.observation, taken_s)
        self._session.track = result.track
        self.cost = expected_faces(self._session.camera, len(result.observation.room))
        if not self._session.see(judgement, taken_s=taken_s):
            self._metrics.verdicts_too_late.inc()
        frame = _frame_of(held)
        verdict = Verdict(
            sequence=frame.sequence,
            captured_us=frame.captured_us,
            judgement=judgement,
            observation=result.observation,
            queue_us=_us(started_s - held.arrived_s),
            server_us=_us(now_s - held.arrived_s),
            at_ms=max(round(self._session.clock_s(taken_s) * 1000), 0),
            expression=expression,
        )
        self._tally.count_answered(frame.sequence)
        self._metrics.frames_answered.inc()
        if result.observation.reused:
            self._metrics.frames_reused.inc()
        self._metrics.frame_age.observe(now_s - taken_s)
        self._release(held)
        self._outbox.put(verdict)

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Say that a frame will not be answered."""
        if held in self._held:
            if reason not in (ShedReason.SUPERSEDED, ShedReason.EXPIRED):
                self.unanswered_since_s = None
            self._release(held)
            self._refuse(Shed(reason, detail, frame_sequence=_frame_of(held).sequence))

    def _excess_s(self, frame: Frame, now_s: float) -> float:
        """Return how much later than usual a frame came; a clock that stands says nothing."""
        stands, self._captured_us = frame.captured_us == self._captured_us, frame.captured_us
        captured_s = frame.captured_us / 1_000_000
        return 0.0 if stands else self._freshness.excess_s(arrived_s=now_s, captured_s=captured_s)

    def _hear(self, frame: Frame, now_s: float, deadline: Deadline) -> None:
        """Note that something waits, unless it came too late for an answer to be our duty."""
        self.heard_at_s = now_s
        least_s = max(frame.budget_ms / 2000, SHORTEST_S)
        if self.unanswered_since_s is None and deadline.left_s(now_s) >= least_s:
            self.unanswered_since_s = now_s

    def _refused(self, frame: Frame, now_s: float) -> tuple[ShedReason, str] | None:
        if frame.sequence <= self._last_sequence:
            detail = f"frame {frame.sequence} does not come after {self._last_sequence}"
            return ShedReason.REJECTED_SEQUENCE, detail
        if not frame.image:
            return ShedReason.REJECTED_EMPTY, "the frame holds no picture"
        if len(frame.image) > MAX_FRAME_BYTES:
            detail = f"{len(frame.image)} bytes, at most {MAX_FRAME_BYTES}"
            return ShedReason.REJECTED_TOO_MANY_BYTES, detail
        if not self._allowance.take(now_s):
            most = self.terms.most_fps_milli / 1000
            return self._excess, f"more than {most:g} frames a second; send fewer"
        if not self.terms.is_measured:
            detail = "not measured now: the worker is full; it goes on by itself"
            return ShedReason.REFUSED_POOL_FULL, detail
        return None

    @property
    def _excess(self) -> ShedReason:
        """Why frames above the allowance are refused."""
        is_usual = self.terms.most_fps_milli == LEVELS[0].most_fps_milli
        return ShedReason.REFUSED_RATE if is_usual else ShedReason.REFUSED_QUOTA

    def _receive(self) -> None:
        self._tally.frames_received += 1
        self._metrics.frames_received.inc()

    def _refuse(self, shed: Shed) -> None:
        self._tally.count_shed(shed)
        self._metrics.count_shed(shed)
        self._outbox.put(shed)

    def _release(self, held: Held) -> None:
        self._held.discard(held)
        self._tally.frames_held = len(self._held)
        if not self._held:
            self._settled.set()


def judge_frames(answers: list[tuple[Held, Any]]) -> None:
    """Judge the frames of a batch that belong to streams, all at once."""
    judge_together(
        [
            (held.owner.watching, result.observation, held.arrived_s - held.excess_s)
            for held, result in answers
            if isinstance(held.owner, Frames) and isinstance(result, Seen)
        ]
    )


def _allowance(terms: Terms) -> TokenBucket:
    """Return what lets frames through: the rate and a little, and what a network delays at once."""
    per_s = SLACK * terms.most_fps_milli / 1000
    return TokenBucket(per_s=per_s, burst=max(per_s * BURST_S, 2.0))


def _frame_of(held: Held) -> Frame:
    assert held.frame is not None  # noqa: S101  # a stream offers nothing but frames
    return held.frame


def _us(interval_s: float) -> int:
    return max(round(interval_s * 1_000_000), 0)

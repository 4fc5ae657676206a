"""One sitting, from its first opening to its end, over all calls that carry it.

Synchronous: the caller brings the time. It remembers the person's usual pose, folds verdicts and
events into rows, and keeps the rows until they are on disk. A call that was cut leaves the session
waiting; the next call goes on with it, so no second is lost and none is written twice. A session
that another worker has carried begins where that one's last second on disk ends.
"""

import math
from collections import deque

from analytics.facts import ExitReason, Fact, Interaction, Session
from inference.attention.judge import Judgement
from inference.attention.playhead import Moment, Playhead
from inference.attention.rows import AttentionSums, Sitting, fact, interaction, session
from inference.attention.seconds import Glance, Seconds
from inference.messages import Checkpoint, EventKind, Inherited, Opening, PlayerEvent, Written
from inference.sessions.checkpoint import State, pack, unpack
from inference.sessions.events import EventGate

FIRST_CALL_S = 10  # a call that opens later may follow one that neither gateway nor we remember
ROW_EVERY_S = 10.0  # the session's row is as old as this at most
SKEW_S = 60.0  # by which the clock of another worker's machine may be ahead
KEPT_S = 300.0  # five minutes without a call: then the store calls the session lost
MAX_PENDING_FACTS = 300  # five minutes of one session while the disk is full; then the oldest go

_MAY_BE_THERE = {ExitReason.OPEN, ExitReason.LOST}  # only the connection was lost
_BLUR = {EventKind.BLUR: True, EventKind.FOCUS: False, EventKind.ACTIVE: False}


class LiveSession:
    """State of one sitting."""

    def __init__(self, opening: Opening, *, model: str, now_s: float, now_us: int) -> None:
        """Begin at the second in which the call opens: no earlier call can have written it.

        Args:
            opening: who watches what.
            model: weights in use.
            now_s: monotonic.
            now_us: microseconds since 1970, for the place on the session's clock.
        """
        self.sitting = sitting_of(opening, model)
        self.camera = opening.camera
        self._opened_at_us = opening.opened_at_us
        self.ahead_us = 0
        """How far the gateway's calendar is ahead of ours."""
        self._origin_s = 0.0
        self._place(now_s, now_us)
        playhead = Playhead(
            opened_at_us=opening.opened_at_us,
            length_ms=opening.content_length_ms,
            played=opening.played,
        )
        start_s = _first_second(opening.inherited, self.clock_s(now_s))
        self.seconds = Seconds(start_s=start_s, playhead=playhead)
        self.gate = EventGate(
            acked=opening.acked_event_seq,
            opened_at_us=opening.opened_at_us,
            length_ms=opening.content_length_ms,
        )
        known = unpack(opening.state)
        self.memory, self.track = known.memory, known.track
        self.sums = AttentionSums()
        self.interactions_written = 0
        self._facts_written = 0
        self._sums_written = AttentionSums()
        self.exit_reason = ExitReason.OPEN
        self.pending: deque[Fact] = deque(maxlen=MAX_PENDING_FACTS)
        self.facts_lost = 0
        self._row_due_s = now_s
        self._ended_s: float | None = None
        self.is_handed_over = False
        """Whether another worker carries it now."""
        # A call that goes on without knowing the segments must not overwrite the row that has them.
        is_first = opening.acked_event_seq == 0 and start_s <= FIRST_CALL_S
        self._knows_segments = is_first or len(opening.played) > 0
        if opening.inherited is not None:
            self._go_on(opening.inherited)
        if opening.acked_event_seq > 0:
            self.seconds.wait_for_event(self.clock_s(now_s))

    def _go_on(self, before: Inherited) -> None:
        """Know what the worker before knew, of the seconds that it may not have written."""
        written = before.written
        numbers = written.attention_n, written.attention_sum, written.attention_sumsq
        self.sums, self._sums_written = AttentionSums(*numbers), AttentionSums(*numbers)
        self._facts_written, self.interactions_written = written.facts, written.interactions
        self._knows_segments = True
        for glance in before.glances:
            self.seconds.see(glance)
        for event in before.events:
            self.seconds.playhead.place(self._moment_of(event))

    def _place(self, now_s: float, now_us: int) -> None:
        """Read the place on the session's clock off the calendar: a machine may have slept."""
        self._origin_s = now_s - (now_us - self._opened_at_us) / 1_000_000

    def clock_s(self, now_s: float) -> float:
        """Return seconds since the session opened."""
        return now_s - self._origin_s

    def see(self, judgement: Judgement, *, taken_s: float) -> bool:
        """Take what is said about a picture of that (monotonic) moment; False when too late."""
        glance = Glance(
            at_s=max(self.clock_s(taken_s), 0.0),
            state=judgement.state,
            probability=judgement.probability,
            attention=judgement.attention,
            on_screen=judgement.on_screen,
            eyes_closed=judgement.eyes_closed,
            quality=judgement.quality,
            trace=judgement.trace,
        )
        return self.seconds.see(glance)

    def is_watching(self, taken_s: float) -> bool:
        """Whether the person had something to watch at that (monotonic) moment."""
        return self.seconds.playhead.is_watchable(self.clock_s(taken_s))

    def hear(self, event: PlayerEvent) -> Interaction | None:
        """Take a player event that passed the gate; return its row, None for a beat."""
        self.seconds.hear(self._moment_of(event), event.played)
        self._knows_segments = True
        if event.kind is EventKind.BEAT:
            return None
        return interaction(
            self.sitting,
            seq=event.seq,
            kind=event.kind.name.lower(),
            at_us=event.at_us,
            from_ms=event.position_ms,
            to_ms=event.to_ms,
            value=event.value,
        )

    def _moment_of(self, event: PlayerEvent) -> Moment:
        return Moment(
            at_s=(event.at_us - self._opened_at_us) / 1_000_000,
            seq=event.seq,
            position_ms=event.to_ms if event.kind is EventKind.SEEK else event.position_ms,
            player=event.player,
            rate=event.rate_pct / 100,
            visible=event.visible,
            idle=event.idle,
            blurred=_BLUR.get(event.kind),
        )

    def row(self, now_s: float) -> Session:
        """Return the session's row as it stands."""
        self._row_due_s = now_s + ROW_EVERY_S if self._ended_s is None else math.inf
        seen_s = now_s if self._ended_s is None else self._ended_s
        return session(
            self.sitting,
            self.seconds.playhead.played,
            self.sums,
            seen_at_us=self._opened_at_us + round(self.clock_s(seen_s) * 1_000_000),
            exit_reason=self.exit_reason,
        )

    def cut(self, now_s: float) -> None:
        """Wait for the next call; seconds after now are written when it comes."""
        self._ended_s = now_s
        self._row_due_s = now_s

    def can_resume(self, opening: Opening) -> bool:
        """Return whether no other worker carried the session in between."""
        same = (opening.content_id, opening.opened_at_us) == (
            self.sitting.content_id,
            self.sitting.opened_at_us,
        )
        written = opening.inherited.written if opening.inherited is not None else None
        is_ahead = written is not None and written.until_s > self.seconds.next_s
        if self.is_handed_over or is_ahead:
            return False
        return same and opening.acked_event_seq <= self.gate.numbers.acked

    def resume(self, opening: Opening, *, model: str, now_s: float, now_us: int) -> None:
        """Go on with the next call, under the rules that it brings."""
        self._place(now_s, now_us)
        self.gate.new_call()
        has_left = self.exit_reason not in _MAY_BE_THERE
        if has_left or self.clock_s(now_s) - self.seconds.next_s > KEPT_S:
            self.seconds.skip_to(int(self.clock_s(now_s)))  # nobody was there
        self.sitting = sitting_of(opening, model)
        self.camera = opening.camera
        self.exit_reason = ExitReason.OPEN
        self._ended_s = None
        self._row_due_s = now_s
        self.seconds.wait_for_event(self.clock_s(now_s))

    def hand_over(self, now_s: float) -> None:
        """Leave every second that is not closed to the next worker."""
        self.is_handed_over = True
        self._ended_s = now_s
        self._row_due_s = math.inf

    def checkpoint(self) -> Checkpoint:
        """Return what the next worker needs to know about the person."""
        return Checkpoint(pack(State(self.memory, self.track)))

    @property
    def written(self) -> Written:
        """What of it is on disk."""
        sums = self._sums_written
        return Written(
            until_s=self.pending[0].t_s if self.pending else self.seconds.next_s,
            facts=self._facts_written,
            interactions=self.interactions_written,
            attention_n=sums.n,
            attention_sum=sums.total,
            attention_sumsq=sums.squares,
        )

    def end(self, reason: ExitReason, now_s: float) -> None:
        """Close the session: the next rows are the last ones."""
        self.exit_reason = reason
        self._ended_s = now_s
        self._row_due_s = now_s

    def collect(self, now_s: float) -> list[Fact | Session]:
        """Return the rows that are due; facts stay pending until `wrote` says they are safe."""
        if self.is_handed_over:
            return list(self.pending)
        if self._ended_s is None:
            closed = self.seconds.close(self.clock_s(now_s))
        elif self.exit_reason is ExitReason.OPEN:
            closed = self.seconds.close(self.clock_s(self._ended_s), grace_s=0.0)
        else:
            closed = self.seconds.close_last(self.clock_s(self._ended_s))
        for second in closed:
            self.sums.add(second.attention_pct)
            if len(self.pending) == MAX_PENDING_FACTS:
                self.facts_lost += 1
            self.pending.append(fact(self.sitting, second))
        rows: list[Fact | Session] = list(self.pending)
        if now_s >= self._row_due_s and self._knows_segments:
            rows.append(self.row(now_s))
        elif self._ended_s is not None:
            self._row_due_s = math.inf
        return rows

    def row_lost(self) -> None:
        """The row did not reach the disk: it is due again."""
        self._row_due_s = 0.0

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to write until the next call."""
        return self._ended_s is not None and not self.pending and self._row_due_s == math.inf

    def wrote(self, facts: int, *, kept: int | None = None) -> None:
        """Forget facts that are safe on disk, and count those that were kept: all, unless told."""
        for _ in range(facts):
            self._sums_written.add(self.pending.popleft().attention_pct)
        self._facts_written += facts if kept is None else kept


def _first_second(inherited: Inherited | None, clock_s: float) -> int:
    """Return the second to begin with: the first that is not on disk, if somebody was there."""
    if inherited is not None and -SKEW_S <= clock_s - inherited.written.until_s <= KEPT_S:
        return inherited.written.until_s
    return max(int(clock_s), 0)


def sitting_of(opening: Opening, model: str) -> Sitting:
    """Return what every row of the session repeats."""
    return Sitting(
        tenant_id=opening.tenant_id,
        content_id=opening.content_id,
        session_id=opening.session_id,
        user_key=opening.user_key,
        course_id=opening.course_id,
        role=opening.role,
        device=opening.device,
        opened_at_us=opening.opened_at_us,
        policy=opening.policy,
        model=model,
        fence=opening.fence,
        keep_days=opening.keep_days,
        camera_keep_days=opening.camera_keep_days,
    )

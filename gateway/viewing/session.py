"""One viewing session: what a browser sends, what a worker answers, and what both get to hear.

Decides in plain synchronous code and takes the time as an argument; `observe` and `socket` act.
At most one frame waits here (newest wins); player events wait in the ledger until they are safe.
A browser may go and come back (`attach`, `detach`); a worker may die (`call_lost`); the session stays.
"""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from rapt.deadline import Deadline
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat
from gateway.metrics import Metrics
from gateway.viewing import answers
from gateway.viewing.ledger import EventLedger, Offer
from gateway.viewing.limits import TokenBucket
from gateway.viewing.outbox import Outbox

DEFAULT_BUDGET_MS = 1_000  # of a frame that names none
MAX_BUDGET_MS = 10_000
MAX_UNDER_WAY = 64  # frames at the worker that we remember, to say so when it dies


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How much one session may send."""

    messages_per_s: float
    messages_burst: float
    frames_per_s: float
    max_waiting_events: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What a worker is told about keeping, beside the ticket."""

    keep_days: int
    camera_keep_days: int


class Phase(Enum):
    """Where the session stands with its worker."""

    IDLE = auto()
    """Nothing was sent yet, so no call is open."""
    OPENING = auto()
    """The first call is being opened; a frame may wait for it."""
    MEASURING = auto()
    """A worker answers."""
    PAUSED = auto()
    """No worker answers; frames are shed, events wait."""
    ENDED = auto()
    """Over."""


@dataclass(frozen=True, slots=True)
class _Held:
    frame: perception.Frame
    deadline: Deadline


class ViewingSession:
    """Everything that is true about one session while it is open."""

    def __init__(
        self,
        ticket: Ticket,
        limits: SessionLimits,
        rules: Rules,
        metrics: Metrics,
        *,
        seat: LiveSeat | None,
        is_back: bool,
        now_s: float,
    ) -> None:
        self.ticket = ticket
        self.phase = Phase.IDLE
        self.seat = seat
        self.outbox: Outbox | None = None
        self.has_work = asyncio.Event()
        self.ended = asyncio.Event()
        self._acked = asyncio.Event()
        self.close_reason: perception.ExitReason.ValueType | None = None
        self.has_said_goodbye = False
        self._rules = rules
        self._metrics = metrics
        self._is_back = is_back
        self._ledger = EventLedger(limit=limits.max_waiting_events)
        self._messages = TokenBucket(
            per_s=limits.messages_per_s, burst=limits.messages_burst, now_s=now_s
        )
        self._frames = TokenBucket(
            per_s=limits.frames_per_s, burst=2 * limits.frames_per_s, now_s=now_s
        )
        self._pace = answers.first_pace()
        self._held: _Held | None = None
        self._under_way: dict[int, None] = {}  # sequences at the worker, in order
        self._close_sent = False

    # -- the browser's side

    def attach(self, outbox: Outbox, *, now_us: int, beat_s: int) -> None:
        """Let a browser listen; the one before is told that it was replaced."""
        if self.outbox is not None:
            self.outbox.close(4409, "this session was opened in another place")
        self.outbox = outbox
        outbox.put(
            viewing.ServerMessage(
                welcome=viewing.Welcome(
                    session_id=self.ticket.session_id,
                    content_id=self.ticket.content_id,
                    server_us=now_us,
                    beat_s=beat_s,
                    max_frame_bytes=answers.MAX_FRAME_BYTES,
                    policy=self.ticket.policy,
                    acked_event_seq=self._ledger.acked,
                    control=self.pace,
                )
            )
        )
        if self.phase is Phase.PAUSED:
            outbox.put(answers.notice(viewing.NOTICE_CODE_MEASURING_PAUSED))

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.phase is Phase.ENDED

    @property
    def pace(self) -> perception.Control:
        """How fast the browser should send."""
        self._pace.acked_event_seq = self._ledger.acked
        return answers.slow_pace(self._pace) if self.phase is Phase.PAUSED else self._pace

    def detach(self, outbox: Outbox) -> bool:
        """The browser is gone; False when another one had taken its place."""
        if self.outbox is not outbox:
            return False
        self.outbox = None
        return True

    def take_message(self, message: viewing.ClientMessage, *, now_s: float, now_us: int) -> None:
        """Act on what the browser says; every answer goes through the outbox."""
        match message.WhichOneof("message"):
            case "frame":
                self._take_frame(message.frame, now_s)
            case "player_event":
                self.take_event(message.player_event, now_s)
            case "close":
                self.close(message.close.reason or perception.EXIT_REASON_LEFT)
            case "ping":
                if self._messages.take(now_s):
                    pong = viewing.Pong(client_us=message.ping.client_us, server_us=now_us)
                    self._say(viewing.ServerMessage(pong=pong))
            case _:
                detail = (
                    "the message has no content that this version knows; send one of ClientMessage"
                )
                self._say(answers.shed_message(detail, self.pace))

    def take_event(self, event: perception.PlayerEvent, now_s: float) -> None:
        """Keep a player event until a worker has it on disk."""
        self._metrics.events.inc()
        if event.seq == 0 or self.close_reason is not None:
            detail = "player events are numbered from 1 and come before Close"
            self._shed_event(event.seq, perception.SHED_REASON_REJECTED_MESSAGE, detail)
            return
        if (
            self._is_back and self.phase is Phase.IDLE
        ):  # an earlier gateway settled what came before
            self._ledger.start_above(event.seq - 1)
        if not self._messages.take(now_s):
            self._ledger.refuse(event.seq)
            detail = "too many messages a second; send fewer"
            self._shed_event(event.seq, perception.SHED_REASON_REFUSED_RATE, detail)
            return
        self._offer(event, now_s)

    def close(self, reason: perception.ExitReason.ValueType) -> None:
        """End the session once every event is with a worker."""
        if self.close_reason is not None:
            return
        self.close_reason = reason
        if self._held is not None:
            held, self._held = self._held, None
            detail = "the session closes"
            self._shed_frame(held.frame.sequence, perception.SHED_REASON_CANCELLED, detail)
        if self.phase is Phase.IDLE and self._ledger.waiting == 0:
            self._end(perception.Closed(acked_event_seq=self._ledger.acked))
        self.has_work.set()

    async def until_acked(self, seq: int, *, within_s: float) -> int:
        """Wait a while for an acknowledgement; return the highest one there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._ledger.acked < seq and not self.has_ended:
                    self._acked.clear()
                    await self._acked.wait()
        return self._ledger.acked

    def reopen(self) -> bool:
        """Go on with a session that was about to close; False when its worker knows already."""
        if self._close_sent or self.phase is Phase.ENDED:
            return False
        self.close_reason = None
        return True

    # -- the worker's side

    def open_request(self) -> perception.ObserveRequest:
        """Begin a call: who watches what, and what is settled already."""
        ticket = self.ticket
        self._ledger.send_again()
        self._close_sent = False
        if self.phase is Phase.IDLE:
            self.phase = Phase.OPENING
        return perception.ObserveRequest(
            open=perception.Open(
                tenant_id=ticket.tenant_id,
                content_id=ticket.content_id,
                session_id=ticket.session_id,
                user_key=ticket.user_key,
                role=perception.Role.ValueType(ticket.role),
                fence=ticket.fence,
                opened_at_us=ticket.opened_at_us,
                content_kind=perception.ContentKind.ValueType(ticket.content_kind),
                content_length_ms=ticket.content_length_ms,
                policy=ticket.policy,
                keep_days=self._rules.keep_days,
                camera_keep_days=self._rules.camera_keep_days,
                device=ticket.device,
                acked_event_seq=self._ledger.acked,
                segments=self._ledger.segments,
            )
        )

    def next_request(self, now_s: float) -> perception.ObserveRequest | None:
        """Return what to send to the worker next: events, then the frame, then Close."""
        event = self._ledger.next_unsent()
        if event is not None:
            return perception.ObserveRequest(player_event=event)
        frame = self._take_held(now_s)
        if frame is not None:
            return perception.ObserveRequest(frame=frame)
        if self.close_reason is not None and not self._close_sent:
            self._close_sent = True
            return perception.ObserveRequest(close=perception.Close(reason=self.close_reason))
        return None

    def take_response(self, response: perception.ObserveResponse, now_s: float) -> None:
        """Pass on what the worker says."""
        match response.WhichOneof("message"):
            case "opened":
                self._opened(response.opened)
            case "verdict":
                self._answer_verdict(response.verdict, now_s)
            case "shed":
                self._answer_shed(response.shed)
            case "control":
                self._adopt(response.control)
                self._say_control()
            case "closed":
                self._ledger.acknowledge(response.closed.acked_event_seq)
                self._end(response.closed)
            case _:  # a newer worker says something that we do not know
                return

    def call_lost(self) -> None:
        """The worker is gone: say so, and answer what it will not answer any more."""
        if self.phase is Phase.ENDED:
            return
        was_paused = self.phase is Phase.PAUSED
        self.phase = Phase.PAUSED
        lost = list(self._under_way)
        self._under_way.clear()
        if self._held is not None:
            lost.append(self._held.frame.sequence)
            self._held = None
        for sequence in lost:
            self._shed_unavailable(sequence)
        if not was_paused:
            self._say(answers.notice(viewing.NOTICE_CODE_MEASURING_PAUSED))
            self._say_control()

    def give_up(self) -> None:
        """End without a worker: nothing more can be done for this session."""
        if self.phase is not Phase.ENDED:
            self._end(perception.Closed(acked_event_seq=self._ledger.acked))

    # -- inside

    def _take_frame(self, frame: perception.Frame, now_s: float) -> None:
        self._metrics.frames.inc()
        sequence = frame.sequence
        if self.seat is not None:
            self.seat.saw_frame(now_s)
        if not self._frames.take(now_s):
            detail = "too many frames a second; keep to the pace"
            self._shed_frame(sequence, perception.SHED_REASON_REFUSED_RATE, detail)
        elif self.close_reason is not None:
            detail = "the session closes"
            self._shed_frame(sequence, perception.SHED_REASON_CANCELLED, detail)
        elif len(frame.image) > answers.MAX_FRAME_BYTES:
            detail = f"the picture has {len(frame.image)} bytes; at most {answers.MAX_FRAME_BYTES}"
            self._shed_frame(sequence, perception.SHED_REASON_REJECTED_TOO_MANY_BYTES, detail)
        elif self.phase is Phase.PAUSED:
            self._shed_unavailable(sequence)
        else:
            self._hold(frame, now_s)

    def _hold(self, frame: perception.Frame, now_s: float) -> None:
        if self._held is not None:
            detail = "a newer frame came first"
            self._shed_frame(self._held.frame.sequence, perception.SHED_REASON_SUPERSEDED, detail)
        budget_ms = min(frame.budget_ms or DEFAULT_BUDGET_MS, MAX_BUDGET_MS)
        self._held = _Held(frame, Deadline.after(budget_ms, now_s=now_s))
        self.has_work.set()

    def _take_held(self, now_s: float) -> perception.Frame | None:
        if self._held is None:
            return None
        held, self._held = self._held, None
        if held.deadline.is_past(now_s):
            detail = "it waited longer than its budget"
            self._shed_frame(held.frame.sequence, perception.SHED_REASON_EXPIRED, detail)
            return None
        held.frame.budget_ms = max(1, math.ceil(held.deadline.left_s(now_s) * 1000))
        self._under_way[held.frame.sequence] = None
        if len(self._under_way) > MAX_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        return held.frame

    def _offer(self, event: perception.PlayerEvent, now_s: float) -> None:
        match self._ledger.offer(event):
            case Offer.TAKEN:
                if self.seat is not None:
                    self.seat.saw_event(event, now_s)
                self.has_said_goodbye = event.kind == perception.EVENT_KIND_CLOSE
                self.has_work.set()
            case Offer.SETTLED:
                self._say_control()
            case Offer.FULL:
                detail = "too many events wait for a worker; what was played rides on the next one"
                self._ledger.refuse(event.seq)
                self._shed_event(event.seq, perception.SHED_REASON_REFUSED_RATE, detail)
            case Offer.WAITING:
                pass

    def _opened(self, opened: perception.Opened) -> None:
        was_paused = self.phase is Phase.PAUSED
        self.phase = Phase.MEASURING
        if opened.HasField("control"):
            self._adopt(opened.control)
        if was_paused:
            self._say(answers.notice(viewing.NOTICE_CODE_MEASURING_RESUMED))
        self._say_control()

    def _answer_verdict(self, verdict: perception.Verdict, now_s: float) -> None:
        self._metrics.verdicts.inc()
        self._under_way.pop(verdict.sequence, None)
        if verdict.HasField("control"):
            self._adopt(verdict.control)
        verdict.control.CopyFrom(self.pace)
        if self.seat is not None:
            self.seat.saw_verdict(verdict, now_s)
        self._say(viewing.ServerMessage(verdict=verdict))

    def _answer_shed(self, shed: perception.Shed) -> None:
        self._metrics.count_shed(shed.reason)
        match shed.WhichOneof("subject"):
            case "frame_sequence":
                self._under_way.pop(shed.frame_sequence, None)
            case "event_seq":
                self._ledger.refuse(shed.event_seq)
            case _:
                pass
        if shed.HasField("control"):
            self._adopt(shed.control)
        shed.control.CopyFrom(self.pace)
        self._say(viewing.ServerMessage(shed=shed))

    def _adopt(self, control: perception.Control) -> None:
        self._ledger.acknowledge(control.acked_event_seq)
        self._acked.set()
        acked_sequence = max(control.acked_sequence, self._pace.acked_sequence)
        self._pace.CopyFrom(control)
        self._pace.acked_sequence = acked_sequence

    def _shed_frame(
        self, sequence: int, reason: perception.ShedReason.ValueType, detail: str
    ) -> None:
        self._metrics.count_shed(reason)
        self._pace.acked_sequence = max(self._pace.acked_sequence, sequence)
        self._say(answers.shed_frame(sequence, reason, detail, self.pace))

    def _shed_unavailable(self, sequence: int) -> None:
        detail = "no worker can be reached; the session goes on"
        self._shed_frame(sequence, perception.SHED_REASON_REFUSED_UNAVAILABLE, detail)

    def _shed_event(self, seq: int, reason: perception.ShedReason.ValueType, detail: str) -> None:
        self._metrics.count_shed(reason)
        self._say(answers.shed_event(seq, reason, detail, self.pace))

    def _end(self, closed: perception.Closed) -> None:
        self.phase = Phase.ENDED
        for sequence in list(self._under_way):
            detail = "the session closed first"
            self._shed_frame(sequence, perception.SHED_REASON_CANCELLED, detail)
        self._under_way.clear()
        closed.acked_event_seq = self._ledger.acked
        self._say(viewing.ServerMessage(closed=closed))
        if self.outbox is not None:
            self.outbox.close(1000, "the session is over")
        self.has_work.set()
        self.ended.set()

    def _say_control(self) -> None:
        if self.outbox is not None:
            control = perception.Control()
            control.CopyFrom(self.pace)
            self.outbox.put_control(control)

    def _say(self, message: viewing.ServerMessage) -> None:
        if self.outbox is None:
            self._metrics.unheard.inc()
        else:
            self.outbox.put(message)

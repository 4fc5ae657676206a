"""One viewing session: what a browser sends, what a worker answers, and what both get to hear.

Decides in plain synchronous code and takes the time as an argument; `observe` and `socket` act.
At most one frame waits here (newest wins); player events wait in the ledger until they are safe.
A browser may go and come back (`attach`, `detach`), a worker may die (`call_lost`); the session
stays.
"""

import asyncio
from contextlib import suppress

from rapt.limits import MAX_FRAME_BYTES
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from rapt.websocket import CloseCode

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat
from gateway.metrics import Metrics
from gateway.viewing import answers
from gateway.viewing.conversation import Conversation
from gateway.viewing.frame_slot import FrameSlot
from gateway.viewing.ledger import EventLedger, Offer
from gateway.viewing.outbox import Outbox
from gateway.viewing.phase import Phase
from gateway.viewing.rules import Buckets, SessionRules
from gateway.viewing.voice import Voice


class ViewingSession:
    """Everything that is true about one session while it is open."""

    def __init__(
        self,
        ticket: Ticket,
        rules: SessionRules,
        metrics: Metrics,
        *,
        seat: LiveSeat | None,
        is_back: bool,
    ) -> None:
        self.ticket = ticket
        self.has_work = asyncio.Event()
        self.ended = asyncio.Event()
        self.has_said_goodbye = False
        """Whether the page's last event was that it closes."""
        self._rules = rules
        self._metrics = metrics
        self._seat = seat
        self._is_back = is_back
        self._buckets = Buckets(rules)
        self._ledger = EventLedger(limit=rules.max_waiting_events)
        self._frames = FrameSlot()
        self._voice = Voice(self._ledger, metrics)
        self._acked = asyncio.Event()
        self._worker = Conversation(
            ticket,
            rules,
            buckets=self._buckets,
            ledger=self._ledger,
            frames=self._frames,
            voice=self._voice,
            seat=seat,
        )

    @property
    def phase(self) -> Phase:
        """Where it stands with its worker."""
        return self._worker.phase

    @property
    def close_reason(self) -> perception.ExitReason.ValueType | None:
        """Why it ends; None while it goes on."""
        return self._worker.close_reason

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.phase is Phase.ENDED

    @property
    def has_browser(self) -> bool:
        """Whether a browser listens."""
        return self._voice.outbox is not None

    # What the browser does

    def attach(self, outbox: Outbox, *, now_us: int) -> None:
        """Let a browser listen; the one before is told that it was replaced."""
        if self._voice.outbox is not None:
            reason = "this session was opened in another place"
            self._voice.outbox.close(CloseCode.OPENED_ELSEWHERE, reason)
        self._voice.outbox = outbox
        outbox.put(
            answers.welcome(self.ticket, self._voice.pace, now_us=now_us, beat_s=self._rules.beat_s)
        )
        if self.phase is Phase.PAUSED:
            outbox.put(answers.notice(viewing.NOTICE_CODE_MEASURING_PAUSED))

    def detach(self, outbox: Outbox) -> bool:
        """The browser is gone; False when another one had taken its place."""
        if self._voice.outbox is not outbox:
            return False
        self._voice.outbox = None
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
                if self._buckets.messages.take(now_s):
                    pong = viewing.Pong(client_us=message.ping.client_us, server_us=now_us)
                    self._voice.say(viewing.ServerMessage(pong=pong))
            case _:
                self.reject("this version knows no such message; send one of rapt.v1.ClientMessage")

    def reject(self, detail: str) -> None:
        """Say that a message will not be used."""
        self._voice.say(answers.shed_message(detail, self._voice.pace))

    def take_event(self, event: perception.PlayerEvent, now_s: float) -> None:
        """Keep a player event until a worker has it on disk."""
        self._metrics.events.inc()
        if event.seq == 0 or self.close_reason is not None:
            detail = "player events are numbered from 1 and come before Close"
            reason = perception.SHED_REASON_REJECTED_MESSAGE
            self._voice.shed_event(event.seq, reason, detail)
            return
        if self._is_back and self.phase is Phase.IDLE:
            self._ledger.start_above(event.seq - 1)  # an earlier gateway settled what came before
        if self._buckets.messages.take(now_s):
            self._offer(event, now_s)
        else:
            self._refuse(event.seq, "too many messages a second; send fewer")

    def close(self, reason: perception.ExitReason.ValueType) -> None:
        """End the session once every event is with a worker."""
        if self.close_reason is not None:
            return
        self._worker.close_reason = reason
        self._ledger.try_again()
        self._voice.cancel_frame(self._frames.drop())
        if self.phase is Phase.IDLE and self._ledger.waiting == 0:
            self._end(perception.Closed())
        self.has_work.set()

    def reopen(self) -> bool:
        """Go on with a session that was about to close; False when its worker knows already."""
        if self._worker.has_sent_close or self.has_ended:
            return False
        self._worker.close_reason = None
        return True

    async def until_acked(self, seq: int, *, within_s: float) -> int:
        """Wait a while for an acknowledgement; return the highest one there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._ledger.acked < seq and not self.has_ended:
                    self._acked.clear()
                    await self._acked.wait()
        return self._ledger.acked

    # What the worker does

    def open_request(self) -> perception.ObserveRequest:
        """Begin a call, the first or the next."""
        return self._worker.open_request()

    def next_request(self, now_s: float) -> perception.ObserveRequest | None:
        """Return what to send to the worker next."""
        return self._worker.next_request(now_s)

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until an event may go, or a frame is late; None when nothing waits."""
        return self._worker.wait_s(now_s)

    @property
    def is_open(self) -> bool:
        """Whether the worker of this call has taken the session."""
        return self._worker.is_open

    @property
    def is_leaving(self) -> bool:
        """Whether its worker drains, so that it moves to another one."""
        return self._worker.is_leaving

    def take_response(self, response: perception.ObserveResponse, now_s: float) -> None:
        """Pass on what the worker says."""
        closed = self._worker.take(response, now_s)
        self._acked.set()
        if self.is_leaving or self._frames.is_due or response.HasField("opened"):
            self.has_work.set()
        if closed is not None:
            self._end(closed)

    def call_cut(self) -> None:
        """The worker is gone: answer what it will not answer any more; another one may follow."""
        if not self.has_ended:
            self._worker.cut()

    def call_lost(self) -> None:
        """No worker is there: say so."""
        if not self.has_ended:
            self._worker.pause()

    def give_up(self) -> None:
        """End without a worker: nothing more can be done for this session."""
        if not self.has_ended:
            self._end(perception.Closed())

    # Inside

    def _take_frame(self, frame: perception.Frame, now_s: float) -> None:
        self._metrics.frames.inc()
        self._voice.tally.receive()
        if self._seat is not None:
            self._seat.saw_frame(now_s)
        size_bytes = len(frame.image)
        if not self._buckets.frames.take(now_s):
            reason = perception.SHED_REASON_REFUSED_RATE
            self._voice.shed_frame(frame.sequence, reason, "too many frames; keep to the pace")
        elif self.close_reason is not None:
            self._voice.cancel_frame(frame.sequence)
        elif size_bytes > MAX_FRAME_BYTES:
            reason = perception.SHED_REASON_REJECTED_TOO_MANY_BYTES
            detail = f"the picture has {size_bytes} bytes; at most {MAX_FRAME_BYTES}"
            self._voice.shed_frame(frame.sequence, reason, detail)
        elif self.phase is Phase.PAUSED:
            self._voice.shed_unavailable(frame.sequence)
        else:
            replaced = self._frames.hold(frame, now_s)
            if replaced is not None:
                reason = perception.SHED_REASON_SUPERSEDED
                self._voice.shed_frame(replaced, reason, "a newer frame came first")
            self.has_work.set()

    def _offer(self, event: perception.PlayerEvent, now_s: float) -> None:
        match self._ledger.offer(event):
            case Offer.TAKEN:
                if self._seat is not None:
                    self._seat.saw_event(event, now_s)
                self.has_said_goodbye = event.kind == perception.EVENT_KIND_CLOSE
                self.has_work.set()
            case Offer.SETTLED:
                self._voice.say_pace()
            case Offer.FULL:
                self._refuse(event.seq, "too many events wait; what was played rides on the next")
            case Offer.WAITING:
                pass  # its acknowledgement will come

    def _refuse(self, seq: int, detail: str) -> None:
        self._ledger.refuse(seq)
        self._voice.shed_event(seq, perception.SHED_REASON_REFUSED_RATE, detail)

    def _end(self, closed: perception.Closed) -> None:
        self._worker.end(closed)
        self._voice.say(viewing.ServerMessage(closed=closed))
        if self._voice.outbox is not None:
            self._voice.outbox.close(CloseCode.OVER, "the session is over")
        for event in (self.has_work, self.ended, self._acked):
            event.set()

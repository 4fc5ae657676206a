"""What a session and its worker say to each other, over all the calls that carry the session.

Decides in plain synchronous code; `observe` acts. A worker may die, refuse or drain: what it has
not acknowledged is said again to the next one, and frames that it will not answer are shed. One
that drains gets nothing more; the frame that comes meanwhile waits for the next worker. One that is
silent loses its frames; an answer that comes after all is left out, since each frame has one.
"""

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat
from gateway.viewing import answers
from gateway.viewing.frame_slot import FrameSlot
from gateway.viewing.handover import Handover
from gateway.viewing.ledger import EventLedger
from gateway.viewing.phase import Phase
from gateway.viewing.rules import Buckets, SessionRules, opening
from gateway.viewing.voice import Voice


class Conversation:
    """The worker's side of one session."""

    def __init__(  # noqa: PLR0913 - everything it works with, each by its name
        self,
        ticket: Ticket,
        rules: SessionRules,
        *,
        buckets: Buckets,
        ledger: EventLedger,
        frames: FrameSlot,
        voice: Voice,
        seat: LiveSeat | None,
    ) -> None:
        self.phase = Phase.IDLE
        self.close_reason: perception.ExitReason.ValueType | None = None
        self.has_sent_close = False
        """Whether the worker of this call knows that the session ends."""
        self.is_open = False
        """Whether the worker of this call has taken the session."""
        self.is_leaving = False
        """Whether the worker of this call drains, and the session moves."""
        self._ticket = ticket
        self._rules = rules
        self._buckets = buckets
        self._ledger = ledger
        self._frames = frames
        self._voice = voice
        self._seat = seat
        self._handover = Handover(ticket.opened_at_us)
        ledger.on_settled = self._handover.settled

    # Up

    def open_request(self) -> perception.ObserveRequest:
        """Begin a call, the first or the next."""
        self._ledger.send_again()
        self.has_sent_close = self.is_leaving = self.is_open = False
        if self.phase is Phase.IDLE:
            self.phase = Phase.OPENING
        request = opening(self._ticket, self._rules, self._ledger)
        self._handover.fill(request.open)
        return request

    def next_request(self, now_s: float) -> perception.ObserveRequest | None:
        """Return what to send to the worker next: events, then the frame, then Close."""
        if self.is_leaving:
            return None
        if self._ledger.has_unsent and self._buckets.to_worker.take(now_s):
            return perception.ObserveRequest(player_event=self._ledger.next_unsent())
        self._shed_late(now_s)
        frame = self._frames.take() if self.is_open else None
        if frame is not None:  # one that refuses the session is not given a frame to lose
            return perception.ObserveRequest(frame=frame)
        is_told = self.has_sent_close or self._ledger.has_unsent
        if self.close_reason is not None and not is_told:
            self.has_sent_close = True
            return perception.ObserveRequest(close=perception.Close(reason=self.close_reason))
        return None

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until an event may go, or a frame is late; None when nothing waits."""
        event_s = self._buckets.to_worker.wait_s(now_s) if self._ledger.has_unsent else None
        waits_s = (event_s, self._frames.wait_s(now_s))
        return min((wait_s for wait_s in waits_s if wait_s is not None), default=None)

    # Down

    def take(self, response: perception.ObserveResponse, now_s: float) -> perception.Closed | None:
        """Act on what the worker says; what a newer worker says and we do not know is left out.

        Returns:
            The worker's last word, when this is it.
        """
        match response.WhichOneof("message"):
            case "opened":
                self._opened(response.opened)
            case "verdict":
                self._answer_verdict(response.verdict, now_s)
            case "shed":
                self._answer_shed(response.shed)
            case "control":
                self._adopt(response.control)
                self._voice.say_pace()
            case "checkpoint":
                self._handover.saw_checkpoint(response.checkpoint)
            case "drain":
                self.is_leaving = not self.has_sent_close
            case "closed":
                self._ledger.acknowledge(response.closed.acked_event_seq)
                return response.closed
        return None

    def cut(self) -> None:
        """The worker will answer nothing more: say so of the frames that it has."""
        for sequence in self._frames.lose_under_way():
            self._voice.shed_unavailable(sequence)

    def pause(self) -> None:
        """No worker takes the session now: tell the person, and answer every frame."""
        self.cut()
        waiting = self._frames.drop()
        was_paused = self.phase is Phase.PAUSED
        self.phase = Phase.PAUSED
        self._voice.is_paused = True
        if waiting is not None:
            self._voice.shed_unavailable(waiting)
        if not was_paused:
            self._voice.say(answers.notice(viewing.NOTICE_CODE_MEASURING_PAUSED))
            self._voice.say_pace()

    def end(self, closed: perception.Closed) -> None:
        """Answer every frame, and complete the last word with what is true of all calls."""
        self.cancel_frames()
        self.phase = Phase.ENDED
        self._voice.tally.fill(closed)
        closed.acked_event_seq = self._ledger.acked

    def cancel_frames(self) -> None:
        """Say of every frame that the session closes first."""
        for sequence in [*self._frames.lose_under_way(), self._frames.drop()]:
            self._voice.cancel_frame(sequence)

    def _opened(self, opened: perception.Opened) -> None:
        was_paused = self.phase is Phase.PAUSED
        self.phase, self.is_open = Phase.MEASURING, True
        self._voice.is_paused = False
        if opened.HasField("control"):
            self._adopt(opened.control)
        if was_paused:
            self._voice.say(answers.notice(viewing.NOTICE_CODE_MEASURING_RESUMED))
        self._voice.say_pace()

    def _shed_late(self, now_s: float) -> None:
        """Say of the frames whose time is over that they will not be answered."""
        waited = self._frames.expire(now_s)
        if waited is not None:
            detail = "it waited longer than its budget"
            self._voice.shed_frame(waited, perception.SHED_REASON_EXPIRED, detail)
        for sequence in self._frames.give_up(now_s):
            detail = "the worker has not answered in time"
            self._voice.shed_frame(sequence, perception.SHED_REASON_EXPIRED, detail)

    def _answer_verdict(self, verdict: perception.Verdict, now_s: float) -> None:
        is_awaited = self._frames.answered(verdict.sequence)
        self._handover.saw_verdict(verdict)
        if verdict.HasField("control"):
            self._adopt(verdict.control)
        if not is_awaited:
            self._voice.say_pace()
            return
        if self._seat is not None:
            self._seat.saw_verdict(verdict, now_s)
        self._voice.pass_verdict(verdict)

    def _answer_shed(self, shed: perception.Shed) -> None:
        is_awaited = True
        if shed.WhichOneof("subject") == "frame_sequence":
            is_awaited = self._frames.answered(shed.frame_sequence)
        elif shed.WhichOneof("subject") == "event_seq":
            self._ledger.refuse(shed.event_seq, for_now=shed.reason in answers.FOR_NOW)
        if shed.HasField("control"):
            self._adopt(shed.control)
        if is_awaited:
            self._voice.pass_shed(shed)
        else:
            self._voice.say_pace()

    def _adopt(self, control: perception.Control) -> None:
        self._handover.saw_control(control)
        self._ledger.acknowledge(control.acked_event_seq)
        self._frames.keep_to(control)
        self._voice.adopt(control)

"""What a session says to its browser: answers in order, and with each the pace and what is safe.

While no browser listens its answers are counted and forgotten; the browser asks for what it needs
when it is back.
"""

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.metrics import Metrics
from gateway.viewing import answers
from gateway.viewing.ledger import EventLedger
from gateway.viewing.outbox import Outbox
from gateway.viewing.tally import Tally


class Voice:
    """Speaks to the browser of one session."""

    def __init__(self, ledger: EventLedger, metrics: Metrics) -> None:
        self.outbox: Outbox | None = None
        self.is_paused = False
        """Whether no worker answers, so that the browser should send little."""
        self.tally = Tally()
        self._ledger = ledger
        self._metrics = metrics
        self._pace = answers.first_pace()

    @property
    def pace(self) -> perception.Control:
        """How fast the browser should send, and which events are safe."""
        self._pace.acked_event_seq = self._ledger.acked
        return answers.slow_pace(self._pace) if self.is_paused else self._pace

    def adopt(self, control: perception.Control) -> None:
        """Take over the pace that a worker wants; the person is told when it is not the usual."""
        was_usual = answers.is_usual(self._pace)
        acked_sequence = max(control.acked_sequence, self._pace.acked_sequence)
        self._pace.CopyFrom(control)
        self._pace.acked_sequence = acked_sequence
        is_usual = answers.is_usual(self._pace)
        if is_usual != was_usual:
            resumed, slow = (
                viewing.NOTICE_CODE_MEASURING_RESUMED,
                viewing.NOTICE_CODE_MEASURING_LESS_OFTEN,
            )
            self.say(answers.notice(resumed if is_usual else slow))

    def say(self, message: viewing.ServerMessage) -> None:
        """Send a message after the others."""
        if self.outbox is None:
            self._metrics.unheard.inc()
        else:
            self.outbox.put(message)

    def say_pace(self) -> None:
        """Send the pace; it replaces one that was not sent yet."""
        if self.outbox is not None:
            control = perception.Control()
            control.CopyFrom(self.pace)
            self.outbox.put_control(control)

    def shed_frame(
        self, sequence: int, reason: perception.ShedReason.ValueType, detail: str
    ) -> None:
        """Say that a frame will not be used."""
        self._count_shed(reason)
        self._pace.acked_sequence = max(self._pace.acked_sequence, sequence)
        self.say(answers.shed_frame(sequence, reason, detail, self.pace))

    def shed_unavailable(self, sequence: int) -> None:
        """Say that a frame will not be used because no worker is there."""
        detail = "no worker can be reached; the session goes on"
        self.shed_frame(sequence, perception.SHED_REASON_REFUSED_UNAVAILABLE, detail)

    def cancel_frame(self, sequence: int | None) -> None:
        """Say that a frame, if there is one, will not be used because the session closes."""
        if sequence is not None:
            reason = perception.SHED_REASON_CANCELLED
            self.shed_frame(sequence, reason, "the session closed first")

    def shed_event(self, seq: int, reason: perception.ShedReason.ValueType, detail: str) -> None:
        """Say that a player event will not be used."""
        self._count_shed(reason)
        self.say(answers.shed_event(seq, reason, detail, self.pace))

    def pass_verdict(self, verdict: perception.Verdict) -> None:
        """Send a worker's verdict, with our pace in it."""
        self._metrics.verdicts.inc()
        self.tally.answer()
        verdict.control.CopyFrom(self.pace)
        self.say(viewing.ServerMessage(verdict=verdict))

    def pass_shed(self, shed: perception.Shed) -> None:
        """Send a worker's shed, with our pace in it."""
        self._count_shed(shed.reason)
        shed.control.CopyFrom(self.pace)
        self.say(viewing.ServerMessage(shed=shed))

    def _count_shed(self, reason: perception.ShedReason.ValueType) -> None:
        self._metrics.count_shed(reason)
        self.tally.shed(reason)

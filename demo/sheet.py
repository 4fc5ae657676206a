"""What happened to one student so far, as the student's own client saw it."""

from collections import Counter, deque
from dataclasses import dataclass, field

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

RECENT = 20
"""Latencies kept for the live table."""


@dataclass(slots=True)
class Sheet:
    """Counts of one session; read by the live table while they grow."""

    name: str
    doing: str = "coming"
    """What the script says, for the live table."""
    session_id: str = ""
    began_us: int = 0
    """When the student's clock began, microseconds since 1970 on the server's clock."""
    opened_at_us: int = 0
    """From when the server counts the seconds of the session."""
    frames_sent: int = 0
    frames_unsent: int = 0
    """Frames that could not be sent in time and gave way to a newer one."""
    frames_unwanted: int = 0
    """Frames that would have come twice a second, but the server asked for fewer."""
    verdicts: int = 0
    shed: Counter[str] = field(default_factory=Counter)
    """Frames and events that were not used, by reason."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    """When each answered frame was due, ms since coming, and how long its verdict took, ms."""
    said: list[tuple[float, str]] = field(default_factory=list)
    """When each verdict was heard, ms since coming, and its state."""
    recent_ms: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    state: str = ""
    """The newest verdict."""
    probability: float = 0.0
    notices: list[str] = field(default_factory=list)
    connections: int = 0
    closed: perception.Closed | None = None
    failure: str = ""
    """Why the session ended without a goodbye; empty when all is well."""

    def latencies_ms(self, *, from_ms: float = 0.0) -> list[float]:
        """From the moment a frame was due to its verdict, for frames due from then on."""
        return [waited_ms for due_ms, waited_ms in self.waits if due_ms >= from_ms]

    def heard(self, message: viewing.ServerMessage, now_us: int) -> None:
        """Count one message of the server; now is on the student's clock."""
        match message.WhichOneof("message"):
            case "verdict":
                self.verdicts += 1
                waited_ms = (now_us - message.verdict.captured_us) / 1000
                due_ms = (message.verdict.captured_us - self.began_us) / 1000
                self.waits.append((due_ms, waited_ms))
                self.recent_ms.append(waited_ms)
                self.state = word_of(perception.State.Name(message.verdict.state), "STATE_")
                self.said.append((due_ms + waited_ms, self.state))
                self.probability = message.verdict.probability
            case "shed":
                name = perception.ShedReason.Name(message.shed.reason)
                self.shed[word_of(name, "SHED_REASON_")] += 1
            case "notice":
                self.notices.append(message.notice.text)
            case "closed":
                self.closed = message.closed
            case _:
                pass


def word_of(name: str, prefix: str) -> str:
    """Return the plain word of a name in the contract: STATE_EYES_CLOSED is "eyes_closed"."""
    return name.removeprefix(prefix).lower()

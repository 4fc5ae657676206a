"""What is sent, in which order, and again after every cut."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from rapt.client.outbox import AGAIN_S, PATIENCE_S, STALL_S, Outbox, is_retryable
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing


def pace(
    *,
    acked_sequence: int = 0,
    credits: int = 0,  # noqa: A002 - the contract's word
    acked_event_seq: int = 0,
) -> viewing.ServerMessage:
    """A word of the server about pace."""
    control = perception.Control(
        acked_sequence=acked_sequence, credits=credits, acked_event_seq=acked_event_seq
    )
    return viewing.ServerMessage(control=control)


def welcomed(acked: int = 0, credit: int = 1) -> Outbox:
    """An outbox with a connection."""
    outbox = Outbox()
    control = perception.Control(credits=credit, acked_event_seq=acked)
    outbox.connected(viewing.Welcome(acked_event_seq=acked, control=control))
    return outbox


def kinds_of(outbox: Outbox, now_s: float = 0.0) -> list[str]:
    """Everything that can be sent now, by kind."""
    kinds = []
    while (message := outbox.take(now_s)) is not None:
        kinds.append(str(message.WhichOneof("message")))
    return kinds


class Wire(RuleBasedStateMachine):
    """A client, a wire that loses what is on it when it is cut, and a server that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = welcomed()
        self.now_s = 0.0
        self.told = 0
        self.on_the_wire: list[viewing.ClientMessage] = []
        self.received: list[int] = []
        self.frames: list[int] = []

    @property
    def acked(self) -> int:
        """Highest number without a gap below it at the server."""
        seq = 0
        while seq + 1 in self.received:
            seq += 1
        return seq

    @rule()
    def tell(self) -> None:
        """The player does something."""
        self.told += 1
        assert self.outbox.tell(perception.PlayerEvent()) == self.told

    @rule()
    def offer(self) -> None:
        """The camera has a picture."""
        self.outbox.offer(perception.Frame())

    @rule(seconds=st.floats(0.01, 3))
    def send(self, seconds: float) -> None:
        """The client writes what it has."""
        self.now_s += seconds
        while (message := self.outbox.take(self.now_s)) is not None:
            copy = viewing.ClientMessage()
            copy.CopyFrom(message)
            self.on_the_wire.append(copy)

    @rule()
    def arrive(self) -> None:
        """The server reads, and says what is safe."""
        for message in self.on_the_wire:
            if message.HasField("player_event"):
                self.received.append(message.player_event.seq)
            if message.HasField("frame"):
                self.frames.append(message.frame.sequence)
        self.on_the_wire.clear()
        answer = pace(
            acked_event_seq=self.acked, credits=1, acked_sequence=max(self.frames, default=0)
        )
        self.outbox.answered(answer, self.now_s)

    @rule()
    def refuse(self) -> None:
        """The server has no room for what is on the wire."""
        for message in self.on_the_wire:
            if message.HasField("player_event"):
                shed = perception.Shed(
                    event_seq=message.player_event.seq,
                    reason=perception.SHED_REASON_REFUSED_RATE,
                )
                self.outbox.answered(viewing.ServerMessage(shed=shed), self.now_s)
        self.on_the_wire.clear()

    @rule()
    def cut(self) -> None:
        """The connection breaks, and a new one is made."""
        self.on_the_wire.clear()
        control = perception.Control(credits=1, acked_event_seq=self.acked)
        self.outbox.connected(viewing.Welcome(acked_event_seq=self.acked, control=control))

    @invariant()
    def frames_never_go_back(self) -> None:
        """Numbers of frames only rise."""
        assert self.frames == sorted(set(self.frames))

    @invariant()
    def nothing_unsafe_is_forgotten(self) -> None:
        """Whatever the server does not have is still kept."""
        assert self.outbox.waiting_events >= self.told - self.acked

    def teardown(self) -> None:
        """With one good connection at last, everything arrives."""
        self.cut()
        self.send(AGAIN_S)
        self.arrive()
        assert self.acked == self.told
        assert self.outbox.waiting_events == 0


TestWire = Wire.TestCase


@given(st.integers(0, 5), st.integers(1, 20))
def test_no_more_frames_are_under_way_than_credits(credit: int, offered: int) -> None:
    """Without an answer the slot keeps the newest and counts the others."""
    outbox = welcomed(credit=credit)
    sent = 0
    for _ in range(offered):
        outbox.offer(perception.Frame())
        sent += kinds_of(outbox).count("frame")
    assert sent == min(credit, offered) == outbox.frames_sent
    assert outbox.frames_unsent == max(0, offered - credit - 1)


def test_events_go_before_a_frame_and_close_goes_last() -> None:
    """The order on the wire is the order of importance."""
    outbox = welcomed(credit=0)
    outbox.tell(perception.PlayerEvent())
    outbox.close(perception.EXIT_REASON_LEFT)
    outbox.tell(perception.PlayerEvent())
    assert kinds_of(outbox) == ["player_event", "player_event"]
    outbox.answered(pace(acked_event_seq=2), 0.0)
    assert kinds_of(outbox) == ["close"]


def test_the_goodbye_does_not_wait_for_ever() -> None:
    """Events that are never acknowledged do not keep the session open."""
    outbox = welcomed()
    outbox.tell(perception.PlayerEvent())
    outbox.close(perception.EXIT_REASON_LEFT)
    assert kinds_of(outbox) == ["player_event"]
    assert outbox.wait_s(0.0) == PATIENCE_S
    assert kinds_of(outbox, PATIENCE_S) == ["close"]


def test_close_is_said_again_on_a_new_connection() -> None:
    """A goodbye that was cut off is repeated."""
    outbox = welcomed()
    outbox.close(perception.EXIT_REASON_LEFT)
    assert kinds_of(outbox) == ["close"]
    outbox.connected(viewing.Welcome())
    assert kinds_of(outbox) == ["close"]


def test_a_stalled_server_gets_the_newest_frame_after_a_while() -> None:
    """Frames that are never answered do not stop the camera for good."""
    outbox = welcomed()
    outbox.offer(perception.Frame(captured_us=1))
    assert kinds_of(outbox) == ["frame"]
    outbox.offer(perception.Frame(captured_us=2))
    assert kinds_of(outbox, STALL_S / 2) == []
    assert outbox.wait_s(STALL_S / 2) == STALL_S / 2
    assert kinds_of(outbox, STALL_S) == ["frame"]


def test_a_rejected_event_is_not_tried_again() -> None:
    """What is wrong stays wrong; only what found no room may succeed later."""
    assert is_retryable(perception.SHED_REASON_REFUSED_SPOOL_FULL)
    assert not is_retryable(perception.SHED_REASON_REJECTED_EVENT_TIME)
    assert not is_retryable(perception.SHED_REASON_SUPERSEDED)

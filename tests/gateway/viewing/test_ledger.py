"""Player events that wait for their acknowledgement."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from rapt.v1 import perception_pb2 as perception

from gateway.viewing.ledger import MAX_WAITING_BYTES, EventLedger, Offer


def _event(seq: int, to_ms: int = 0) -> perception.PlayerEvent:
    segments = [perception.Segment(from_ms=0, to_ms=to_ms)] if to_ms else []
    return perception.PlayerEvent(seq=seq, segments=segments)


def test_an_event_is_taken_once() -> None:
    """A repeated number waits with the first one; after the acknowledgement it is settled."""
    ledger = EventLedger(limit=10)
    assert ledger.offer(_event(1)) is Offer.TAKEN
    assert ledger.offer(_event(1)) is Offer.WAITING
    ledger.acknowledge(1)
    assert ledger.offer(_event(1)) is Offer.SETTLED


def test_a_full_ledger_says_so() -> None:
    """Beyond the limit nothing is kept."""
    ledger = EventLedger(limit=2)
    assert [ledger.offer(_event(seq)) for seq in (1, 2, 3)] == [
        Offer.TAKEN,
        Offer.TAKEN,
        Offer.FULL,
    ]
    assert ledger.waiting == 2


def test_few_large_events_fill_a_ledger_too() -> None:
    """Its memory is bounded, not only its number; what is acknowledged makes room."""
    ledger = EventLedger(limit=10_000)
    segments = [perception.Segment()] * 20_000
    large = [perception.PlayerEvent(seq=seq, segments=segments) for seq in range(1, 31)]
    offers = [ledger.offer(event) for event in large]
    taken = offers.count(Offer.TAKEN)
    assert offers == [Offer.TAKEN] * taken + [Offer.FULL] * (30 - taken)
    assert taken * 20_000 * 64 < MAX_WAITING_BYTES * 1.1
    ledger.acknowledge(taken)
    ledger.acknowledge(30)
    again = [perception.PlayerEvent(seq=30 + seq, segments=segments) for seq in range(1, 31)]
    assert [ledger.offer(event) for event in again] == offers


def test_a_refused_event_is_passed_by_the_acknowledgement() -> None:
    """Refused numbers count as settled once everything below them is."""
    ledger = EventLedger(limit=10)
    ledger.offer(_event(1))
    ledger.refuse(2)
    assert ledger.acked == 0
    ledger.acknowledge(1)
    assert ledger.acked == 2


def test_after_a_cut_everything_unsettled_is_sent_again_in_order() -> None:
    """What was settled is not."""
    ledger = EventLedger(limit=10)
    for seq in (1, 2, 3, 4):
        ledger.offer(_event(seq))
        ledger.next_unsent()
    ledger.acknowledge(2)
    ledger.send_again()
    again = [ledger.next_unsent(), ledger.next_unsent()]
    assert [event.seq for event in again if event is not None] == [3, 4]
    assert ledger.next_unsent() is None


def test_an_event_that_is_refused_for_now_may_be_said_again() -> None:
    """It is not settled, and goes to the worker again when it comes, or at the end."""
    ledger = EventLedger(limit=10)
    for seq in (1, 2):
        ledger.offer(_event(seq))
        ledger.next_unsent()
        ledger.refuse(seq, for_now=True)
    assert (ledger.acked, ledger.waiting, ledger.has_unsent) == (0, 2, False)
    assert ledger.offer(_event(1)) is Offer.TAKEN
    assert ledger.offer(_event(1)) is Offer.WAITING
    ledger.try_again()
    again = [ledger.next_unsent(), ledger.next_unsent()]
    assert [event.seq for event in again if event is not None] == [1, 2]
    ledger.acknowledge(2)
    ledger.try_again()
    assert ledger.next_unsent() is None


def test_segments_are_those_of_the_last_acknowledged_event() -> None:
    """What a worker is told on re-opening fits the number it is told."""
    ledger = EventLedger(limit=10)
    for seq in (1, 2, 3):
        ledger.offer(_event(seq, to_ms=seq * 1000))
    ledger.acknowledge(2)
    assert [segment.to_ms for segment in ledger.segments] == [2000]


def test_a_fresh_ledger_starts_above_what_was_settled_before() -> None:
    """Only before the first event."""
    ledger = EventLedger(limit=10)
    ledger.start_above(7)
    assert ledger.acked == 7
    ledger.offer(_event(8))
    ledger.start_above(100)
    assert ledger.acked == 7


@given(st.integers(1, 2**32 - 1))
def test_any_acknowledgement_is_cheap(seq: int) -> None:
    """A worker that names an absurd number does not stop the gateway."""
    ledger = EventLedger(limit=10)
    ledger.offer(_event(1))
    ledger.acknowledge(seq)
    assert ledger.acked == seq
    assert ledger.waiting == 0


class Cuts(RuleBasedStateMachine):
    """A worker that dies at any moment: each event is with a worker, settled, or waits."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = EventLedger(limit=50)
        self.next_seq = 1
        self.at_worker: list[int] = []
        self.settled: set[int] = set()

    @rule()
    def offer(self) -> None:
        """The browser sends the next event."""
        offer = self.ledger.offer(_event(self.next_seq))
        if offer is Offer.TAKEN:
            self.next_seq += 1

    @rule()
    def refuse_next(self) -> None:
        """The gateway refuses the next event."""
        self.ledger.refuse(self.next_seq)
        self.settled.add(self.next_seq)
        self.next_seq += 1

    @rule()
    def send(self) -> None:
        """The next event goes to the worker."""
        event = self.ledger.next_unsent()
        if event is not None:
            self.at_worker.append(event.seq)

    @rule()
    def acknowledge(self) -> None:
        """The worker acknowledges the oldest that it has."""
        if self.at_worker:
            seq = self.at_worker.pop(0)
            self.settled.add(seq)
            self.ledger.acknowledge(seq)

    @rule()
    def die(self) -> None:
        """The worker is gone; the next one gets everything that is not settled."""
        self.at_worker.clear()
        self.ledger.send_again()

    @invariant()
    def nothing_is_lost(self) -> None:
        """The acknowledgement never passes an event that is not settled, and stops at one."""
        assert all(seq in self.settled for seq in range(1, self.ledger.acked + 1))
        assert self.ledger.acked + 1 not in self.settled
        assert self.ledger.waiting == len(set(range(1, self.next_seq)) - self.settled)


TestCuts = Cuts.TestCase

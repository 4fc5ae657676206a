"""What one worker leaves, the gateway keeps and the next one goes on with."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapt.limits import MAX_STATE_BYTES
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason, Fact
from gateway.viewing.handover import Handover
from inference.attention.judge import Judgement, Memory, judge
from inference.messages import Opening, Verdict
from inference.perception.observation import Observation
from inference.perception.track import Place, Track
from inference.sessions.checkpoint import State, pack, unpack
from inference.sessions.session import LiveSession
from inference.wire.handover import write_glance, write_written
from inference.wire.requests import read_request
from tests.inference.calling import an_open

OPENED_US = 1_700_000_000_000_000
FRAME_S, BEAT_S, LENGTH_S = 0.5, 5.0, 40.0
OPENING_MESSAGE = an_open(opened_at_us=OPENED_US)


def judgements() -> list[Judgement]:
    """Return what is said about a person who looks, turns away and comes back."""
    memory, said = Memory.new(), []
    for number in range(int(LENGTH_S / FRAME_S)):
        yaw = 0.9 if 20 <= number < 34 else 0.0
        seen = Observation(faces=1, brightness=0.5, face_box=(0.3, 0.2, 0.7, 0.8))
        seen = replace(seen, head_yaw_rad=yaw, head_pitch_rad=0.0, head_roll_rad=0.0)
        memory, judgement = judge(memory, seen, number * FRAME_S)
        said.append(judgement)
    return said


SAID = judgements()


@dataclass
class Chain:
    """A session that moves from worker to worker."""

    gateway: Handover = field(default_factory=lambda: Handover(OPENED_US))
    disk: list[Fact] = field(default_factory=list)
    """Of every worker."""
    events: list[pb.PlayerEvent] = field(default_factory=list)
    """Acknowledged."""

    def open(self, at_s: float) -> None:
        """Let a worker begin, with what the gateway tells it."""
        message = pb.Open()
        message.CopyFrom(OPENING_MESSAGE)
        self.gateway.fill(message)
        message.acked_event_seq = len(self.events)
        if self.events:
            message.segments.extend(self.events[-1].segments)
        opening = read_request(pb.ObserveRequest(open=message))
        assert isinstance(opening, Opening)
        now_us = OPENED_US + round(at_s * 1_000_000)
        self.session = LiveSession(opening, model="m/1", now_s=at_s, now_us=now_us)

    def tell(self) -> None:
        """Let the gateway hear what is on disk."""
        self.gateway.saw_control(pb.Control(written=write_written(self.session.written)))

    def frame(self, at_s: float) -> None:
        """Answer a frame."""
        judgement = SAID[round(at_s / FRAME_S)]
        assert self.session.see(judgement, taken_s=at_s)
        seen = Observation(faces=1, brightness=0.5)
        verdict = Verdict(1, 1, judgement, seen, 0, 0, at_ms=round(at_s * 1000))
        self.gateway.saw_verdict(pb.Verdict(glance=write_glance(verdict)))

    def beat(self, at_s: float) -> None:
        """Hear an event, and acknowledge it."""
        played = pb.Segment(to_ms=round(at_s * 1000), rate_pct=100, visible=True, at_us=OPENED_US)
        event = pb.PlayerEvent(
            seq=len(self.events) + 1,
            kind=pb.EVENT_KIND_BEAT,
            at_us=OPENED_US + round(at_s * 1_000_000),
            position_ms=at_s * 1000,
            to_ms=at_s * 1000,
            player=pb.PLAYER_STATE_PLAYING,
            rate_pct=100,
            visible=True,
            segments=[played] if at_s else [],
        )
        heard = read_request(pb.ObserveRequest(player_event=event))
        self.session.hear(heard)  # type: ignore[arg-type]  # it is a good event
        self.events.append(event)
        self.gateway.settled(event)

    def save(self, at_s: float) -> None:
        """Put what is due on disk."""
        facts = [row for row in self.session.collect(at_s) if isinstance(row, Fact)]
        self.disk += facts
        self.session.wrote(len(facts))


def played_to_the_end(moves: list[tuple[float, bool]]) -> list[Fact]:
    """Return the facts of a session whose worker dies, or drains, at each of these moments."""
    chain = Chain()
    chain.open(0.0)
    for step in range(round(LENGTH_S / FRAME_S)):
        at_s = step * FRAME_S
        if at_s % BEAT_S == 0:
            chain.beat(at_s)
        chain.frame(at_s)
        chain.save(at_s)
        drains = next((drains for moment, drains in moves if moment == at_s), None)
        if drains is None:
            chain.tell()
        else:  # one that dies can not tell what it has just written
            if drains:
                chain.session.hand_over(at_s)
                chain.tell()
            chain.open(at_s + 0.1)
    chain.beat(LENGTH_S)
    chain.session.end(ExitReason.LEFT, LENGTH_S)
    chain.save(LENGTH_S)
    return chain.disk


def told(fact: Fact) -> tuple[object, ...]:
    """Return what a fact says, but for its score."""
    return fact.t_s, fact.frames, fact.verdict, fact.media_ms, fact.advance_ms, fact.player


WHOLE = played_to_the_end([])

moments = st.lists(
    st.tuples(st.sampled_from([n * FRAME_S for n in range(4, 78)]), st.booleans()),
    max_size=4,
    unique_by=lambda move: move[0],
)


def test_a_session_without_a_move_has_every_second() -> None:
    """What the others are compared with."""
    assert [fact.t_s for fact in WHOLE] == list(range(int(LENGTH_S)))
    assert {fact.frames for fact in WHOLE} == {2}
    assert len({fact.verdict for fact in WHOLE}) > 1


@settings(max_examples=60)
@given(moments)
def test_whoever_carries_it_the_facts_are_the_same(moves: list[tuple[float, bool]]) -> None:
    """No second is missing; one that was written twice says the same, so either may hold."""
    facts = sorted(played_to_the_end(moves), key=lambda fact: fact.t_s)
    assert sorted({fact.t_s for fact in facts}) == [fact.t_s for fact in WHOLE]
    for fact in facts:
        whole = WHOLE[fact.t_s]
        assert told(fact) == told(whole)
        assert (fact.attention_pct is None) == (whole.attention_pct is None)
        assert abs((fact.attention_pct or 0) - (whole.attention_pct or 0)) <= 1


@settings(max_examples=30)
@given(st.lists(st.sampled_from([n * FRAME_S for n in range(4, 78)]), max_size=4, unique=True))
def test_a_session_that_only_drains_writes_no_second_twice(at_s: list[float]) -> None:
    """The one that leaves and the one that comes agree on where the cut is."""
    facts = played_to_the_end([(moment, True) for moment in at_s])
    assert all(one.t_s < other.t_s for one, other in pairwise(facts))


@given(moments)
def test_the_sums_of_a_session_go_with_it(moves: list[tuple[float, bool]]) -> None:
    """The session's row says the same, however many workers have written it."""
    chain = Chain()
    chain.open(0.0)
    for step in range(20):
        at_s = step * FRAME_S
        chain.frame(at_s)
        chain.save(at_s)
        chain.tell()
        if any(moment == at_s for moment, _ in moves):
            chain.open(at_s)
    written, facts = chain.session.written, {fact.t_s: fact for fact in chain.disk}
    scores = [fact.attention_pct for fact in facts.values() if fact.attention_pct is not None]
    assert written.facts == len(facts)
    assert (written.attention_n, written.attention_sum) == (len(scores), sum(scores))
    assert written.attention_sumsq == sum(score**2 for score in scores)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="first opening"),
        pytest.param(b"\xff" * 40, id="another version"),
        pytest.param(b"\x01\x01", id="torn"),
    ],
)
def test_a_state_that_can_not_be_read_is_new(data: bytes) -> None:
    """Never a reason to refuse a session."""
    state = unpack(data)
    assert state.track is None
    assert state.memory.to_bytes() == Memory.new().to_bytes()


def test_nonsense_is_left_out_and_the_session_opens() -> None:
    """Whoever fills an opening may be wrong; the session then goes on with less."""
    message = an_open(
        opened_at_us=OPENED_US,
        written=pb.Written(until_s=2**32 - 1, attention_n=2**32 - 1),
        glances=[pb.Glance(at_ms=2**32 - 1, state=pb.STATE_AWAY, probability=float("nan"))],
        events=[pb.PlayerEvent(seq=1, kind=pb.EVENT_KIND_BEAT, position_ms=float("nan"))],
    )
    opening = read_request(pb.ObserveRequest(open=message))
    assert isinstance(opening, Opening)
    assert opening.inherited is not None
    assert opening.inherited.events == ()
    session = LiveSession(opening, model="m/1", now_s=9.0, now_us=OPENED_US + 9_000_000)
    session.end(ExitReason.LEFT, 12.0)
    facts = [row for row in session.collect(12.0) if isinstance(row, Fact)]
    assert [fact.t_s for fact in facts] == [9, 10, 11]


def test_memory_and_track_go_with_the_session() -> None:
    """A move costs one look for the face, not a new baseline."""
    memory = Memory.new()
    for number in range(60):
        memory, _ = judge(memory, Observation(faces=1, brightness=0.5), number * FRAME_S)
    data = pack(State(memory, Track(Place(0.5, 0.25, 0.125, 0.0, 7))))
    found = unpack(data)
    assert len(data) <= MAX_STATE_BYTES
    assert found.memory.to_bytes() == memory.to_bytes()
    assert found.track == Track(Place(0.5, 0.25, 0.125, 0.0, 7))

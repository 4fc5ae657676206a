"""What became of everything a stream received?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.messages import Shed, ShedReason
from inference.sessions.tally import Tally

OUTCOMES = st.lists(st.none() | st.sampled_from(ShedReason), max_size=60)


@given(OUTCOMES, OUTCOMES)
def test_frames_are_conserved_whatever_happens_to_events(
    frames: list[ShedReason | None], events: list[ShedReason | None]
) -> None:
    """Received = answered + shed + held, and the last count holds all reasons."""
    tally = Tally()
    for sequence, reason in enumerate(frames, start=1):
        tally.frames_received += 1
        tally.frames_held = 1
        assert tally.is_conserved
        tally.frames_held = 0
        if reason is None:
            tally.count_answered(sequence)
        else:
            tally.count_shed(Shed(reason, "", frame_sequence=sequence))
        assert tally.is_conserved
        assert tally.acked_sequence == sequence
    for seq, reason in enumerate(events, start=1):
        if reason is not None:
            tally.count_shed(Shed(reason, "", event_seq=seq))
    assert tally.is_conserved
    shed = [reason for reason in frames + events if reason is not None]
    assert sum(count for _, count in tally.shed()) == len(shed)

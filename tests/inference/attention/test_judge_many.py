"""What holds of every judgement, whatever perception says, alone and in a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.judge import Memory, judge, judge_many
from inference.attention.person import MAX_BYTES
from inference.attention.state import ReasonCode, State
from inference.perception.observation import Observation
from tests.inference.attention.sitter import nobody

maybe = st.none() | st.floats(-1.5, 1.5)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Anything that perception may say, with anything missing."""
    if draw(st.integers(0, 4)) == 0:
        return nobody(brightness=draw(st.floats(0, 1)))
    return Observation(
        faces=draw(st.integers(1, 4)),
        brightness=draw(st.floats(0, 1)),
        face_box=(0.1, 0.1, 0.5, 0.5),
        face_probability=draw(st.floats(0.5, 1)),
        head_yaw_rad=draw(maybe),
        head_pitch_rad=draw(maybe),
        head_roll_rad=draw(maybe),
        gaze_yaw_rad=draw(maybe),
        gaze_pitch_rad=draw(maybe),
        gaze_sigma_rad=draw(st.none() | st.floats(0.1, 1)),
        eye_aspect_ratio=draw(st.none() | st.floats(0, 0.6)),
        eye_distance_px=draw(st.none() | st.floats(1, 300)),
        sharpness=draw(st.none() | st.floats(0, 5000)),
    )


@given(st.lists(st.tuples(observations(), st.floats(-2, 100)), min_size=1, max_size=15))
def test_judgements_are_whole_whatever_comes(frames: list[tuple[Observation, float]]) -> None:
    """Probabilities are probabilities, reasons are one to three, clocks may stand or go back."""
    memory, now_s = Memory.new(), 0.0
    for observed, since_s in frames:
        now_s += since_s
        memory, judgement = judge(memory, observed, now_s=now_s)
        shares = (judgement.attention, judgement.on_screen, judgement.openness)
        for share in (judgement.probability, judgement.eyes_closed, *shares):
            assert share is None or -1e-9 <= share <= 1 + 1e-9
        assert 1 <= len(judgement.reasons) <= 3
        assert all(reason.text and reason.since_s >= 0 for reason in judgement.reasons)
        assert (judgement.attention is None) == (judgement.state is State.UNKNOWN)
    assert len(memory.held) <= len(ReasonCode)
    assert len(memory.to_bytes()) <= MAX_BYTES


@given(st.lists(observations(), min_size=1, max_size=6))
def test_judging_is_a_function(frames: list[Observation]) -> None:
    """The same memory and frame give the same answer; nothing is kept elsewhere."""
    memory = Memory.new()
    for index, observed in enumerate(frames):
        once, again = (judge(memory, observed, now_s=index / 2) for _ in range(2))
        assert once[1] == again[1]
        assert once[0].to_bytes() == again[0].to_bytes()
        memory = once[0]


@given(
    st.lists(st.tuples(observations(), st.floats(0, 70), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 3),
)
def test_batch_is_as_good_as_one_by_one(
    frames: list[tuple[Observation, float, bool]], rounds: int
) -> None:
    """Streams that are judged together do not know of each other."""
    together = alone = [Memory.new() for _ in frames]
    now_s = 100.0
    for _ in range(rounds):
        at_s = [now_s + since_s for _, since_s, _ in frames]
        seen = [observed for observed, _, _ in frames]
        watching = [is_watching for _, _, is_watching in frames]
        batch = judge_many(together, seen, at_s, watching)
        singles = [
            judge(memory, observed, at, is_watching=is_watching)
            for memory, observed, at, is_watching in zip(alone, seen, at_s, watching, strict=True)
        ]
        for (memory, said), (same, again) in zip(batch, singles, strict=True):
            assert said.reasons == again.reasons
            assert said.state is again.state
            assert said.probability == pytest.approx(again.probability)
            assert memory.to_bytes() == same.to_bytes()
        together = [memory for memory, _ in batch]
        alone = [memory for memory, _ in singles]
        now_s += 71
    assert judge_many([], [], []) == []

"""What may be said, and how sure is it?"""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.confidence import (
    UNKNOWN_BELOW,
    Reliability,
    quality_of,
    release,
    say,
    shipped,
)
from inference.attention.dwell import HIDDEN
from inference.attention.person import Person
from inference.attention.state import State
from inference.attention.view import View, view
from inference.perception.observation import Observation
from tests.inference.attention.sitter import Act, Sitter, face, known_person, nobody


@st.composite
def beliefs(draw: st.DrawFn) -> list[float]:
    """A distribution over the hidden states."""
    parts = [draw(st.floats(0.001, 1)) for _ in HIDDEN]
    return [part / sum(parts) for part in parts]


@given(beliefs(), st.floats(0, 1))
def test_unsure_means_unknown_and_unknown_has_no_value(belief: list[float], quality: float) -> None:
    """Below the stated confidence neither state nor attention is said."""
    said = say(belief, quality)
    confidence = max(belief) * quality
    if confidence < UNKNOWN_BELOW:
        assert said.state is State.UNKNOWN
        assert (said.attention, said.eyes_closed) == (None, None)
        assert said.probability == pytest.approx(1 - confidence)
    else:
        assert said.state is HIDDEN[belief.index(max(belief))]
        assert said.probability == pytest.approx(confidence)
        assert said.attention == pytest.approx(belief[0])


def test_shipped_numbers_are_the_identity_and_say_so() -> None:
    """Nobody has been measured yet."""
    assert shipped() == Reliability("uncalibrated")
    assert release() == "attention/3-uncalibrated"


@given(beliefs(), st.floats(0.2, 5))
def test_temperature_keeps_the_order(belief: list[float], temperature: float) -> None:
    """It changes how sure, not what; above 1 less sure."""
    warmed = Reliability(temperature=temperature).belief(belief)
    assert sum(warmed) == pytest.approx(1)
    assert warmed[belief.index(max(belief))] == pytest.approx(max(warmed))
    assert (max(warmed) <= max(belief) + 1e-9) == (temperature >= 1 or max(belief) < 0.2001)


@given(st.floats(0, 1), st.floats(0, 1))
def test_attention_never_falls_with_what_is_stated(one: float, other: float) -> None:
    """Isotonic, and within 0..1."""
    reliability = Reliability(on_content=((0, 0.05), (0.3, 0.1), (0.8, 0.7), (1, 0.95)))
    low, high = sorted((one, other))
    assert 0.05 <= reliability.attention(low) <= reliability.attention(high) <= 0.95


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.0},
        {"on_content": ((0.0, 0.5), (1.0, 0.4))},
        {"on_content": ((0.1, 0.0), (1.0, 1.0))},
        {"on_content": ((0.0, 0.0), (0.5, 0.2), (0.5, 0.3), (1.0, 1.0))},
    ],
)
def test_impossible_fits_are_refused(wrong: dict[str, object]) -> None:
    """A file that is wrong stops the start."""
    with pytest.raises(ValueError, match="must"):
        Reliability(**wrong)  # type: ignore[arg-type]  # that is the point


def test_a_fit_is_read_from_its_file(tmp_path: Path) -> None:
    """Its label goes with it; whose labels it rests on is for people to read."""
    path = tmp_path / "calibration.toml"
    path.write_text(
        'label = "2027-01"\ndate = "2027-01-09"\npeople = 40\ndata_sha256 = "00"\n'
        "temperature = 1.5\non_content = [[0.0, 0.1], [1.0, 0.9]]\n"
    )
    assert shipped(path) == Reliability("2027-01", 1.5, ((0.0, 0.1), (1.0, 0.9)))


def quality(observed: Observation, person: Person | None = None) -> float:
    """Of one frame of somebody known."""
    return quality_of(view(observed, person or known_person()), 300.0)


def test_clear_frames_have_full_quality() -> None:
    """A face at a desk, and an empty chair in a lit room."""
    assert quality(face()) == 1
    assert quality(nobody()) == 1


def test_worse_frames_count_less() -> None:
    """Small, dark, blurred, cut and clipped faces each cost confidence, and together more."""
    small = replace(face(), eye_distance_px=25.0)
    dark = replace(face(), brightness=0.05)
    blurred = replace(face(), sharpness=20.0)
    cut, clipped = replace(face(), inside=0.4), replace(face(), clipped=0.5)
    worst = replace(small, brightness=0.05, sharpness=20.0, inside=0.4, clipped=0.5)
    for frame in (small, dark, blurred, cut, clipped):
        assert quality(worst) < quality(frame) < 1
    assert quality(small) > quality(replace(small, eye_distance_px=20.0))


def test_what_cannot_be_read_has_no_quality() -> None:
    """A covered lens and a face too small for a pose."""
    assert quality(nobody(brightness=0.01)) == 0
    assert quality(replace(face(), head_yaw_rad=None)) == 0


def test_a_look_near_the_edge_of_an_unknown_screen_is_undecided() -> None:
    """Before there is a baseline, either side is possible; afterwards not."""
    near = face(head_yaw_deg=18)
    assert quality(near, Person.new()) == 0
    assert quality(near) == 1
    assert quality(face(head_yaw_deg=80), Person.new()) == 1


def test_sitter_is_judged_from_the_second_frame_on() -> None:
    """Someone who looks at the screen is not unknown for long."""
    person = known_person(frames=1)
    seen: View = view(Sitter().observed(Act.WATCH, random.Random(1)), person)
    assert quality_of(seen, None) == 1

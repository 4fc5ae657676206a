"""How probable is a frame under each hidden state?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.dwell import HIDDEN
from inference.attention.lids import LidPosition
from inference.attention.likelihood import (
    FACE,
    FACE_TERM,
    GAZE_DOUBT,
    GAZE_TERM,
    LIDS_CLOSED,
    LIDS_LOWERED,
    LIDS_TERM,
    Evidence,
    log_terms,
)
from inference.attention.on_screen import FIELD_AREA, USUAL, Regions
from inference.attention.state import State
from tests.inference.attention.sitter import AWAY, ON, evidences, seen

ON_INDEX, DOWN_INDEX, AWAY_INDEX, CLOSED_INDEX, _ = range(len(HIDDEN))


def terms_of(evidence: Evidence | None, since_s: float = 0.5) -> list[list[float]]:
    """The terms of one frame."""
    terms: list[list[float]] = log_terms([evidence], np.array([since_s]))[0].tolist()
    return terms


def test_priors_are_probabilities() -> None:
    """Nothing is certain."""
    for table in (FACE, LIDS_CLOSED, LIDS_LOWERED):
        assert all(0 < share < 1 for share in table)


def test_no_face_is_all_that_an_empty_frame_says() -> None:
    """One term speaks, the others are silent."""
    terms = terms_of(Evidence(has_face=False))
    assert terms[FACE_TERM] == pytest.approx(np.log([1 - share for share in FACE]))
    assert terms[LIDS_TERM] == terms[GAZE_TERM] == [0.0] * 5


def test_gaze_through_closed_lids_says_nothing() -> None:
    """Closed lids: face and lids alone."""
    terms = terms_of(seen(LidPosition.CLOSED))
    assert terms[LIDS_TERM] == pytest.approx(np.log(LIDS_CLOSED))
    assert terms[GAZE_TERM] == [0.0] * 5


def test_gaze_counts_as_a_density() -> None:
    """The probability of a region over its area, and a little doubt."""
    terms = terms_of(seen(LidPosition.OPEN, ON))
    density = ON.on * FIELD_AREA / USUAL.area
    assert terms[GAZE_TERM][ON_INDEX] == pytest.approx(
        np.log((1 - GAZE_DOUBT) * density + GAZE_DOUBT)
    )
    assert terms[GAZE_TERM][CLOSED_INDEX] == 0.0
    assert terms[LIDS_TERM] == pytest.approx(np.log([1 - share for share in LIDS_CLOSED]))


def test_frame_that_says_nothing_is_equally_probable_everywhere() -> None:
    """An unreadable picture changes no belief."""
    assert terms_of(None) == [[0.0] * 5] * 3


@given(st.integers(1, 4))
def test_fast_frames_are_not_more_sure(times: int) -> None:
    """Half a second of frames weighs the same at two and at sixteen frames a second."""
    rate = 2**times
    once = terms_of(seen(None, AWAY), 0.5)[GAZE_TERM]
    often = terms_of(seen(None, AWAY), 1 / rate)[GAZE_TERM]
    assert [rate / 2 * term for term in often] == pytest.approx(once)


def test_lowered_lids_say_nothing_between_reading_and_sleeping() -> None:
    """What was believed before decides."""
    terms = terms_of(seen(LidPosition.LOWERED))[LIDS_TERM]
    by_state = dict(zip(HIDDEN, terms, strict=True))
    assert by_state[State.DRIFTING] == by_state[State.EYES_CLOSED]
    assert by_state[State.DRIFTING] > by_state[State.FOCUSED] + 2


@given(st.lists(st.tuples(evidences(), st.floats(0, 120)), min_size=1, max_size=6))
def test_batch_is_its_frames(frames: list[tuple[Evidence | None, float]]) -> None:
    """Frames of other streams do not matter."""
    together = log_terms([seen for seen, _ in frames], np.array([since for _, since in frames]))
    assert np.isfinite(together).all()
    for row, (evidence, since_s) in zip(together, frames, strict=True):
        assert row.tolist() == terms_of(evidence, since_s)


def test_everywhere_is_as_probable_as_its_area() -> None:
    """A gaze spread evenly over the field tells nothing."""
    even = Regions(
        USUAL.area / FIELD_AREA,
        USUAL.down_area / FIELD_AREA,
        1 - (USUAL.area + USUAL.down_area) / FIELD_AREA,
    )
    assert terms_of(seen(None, even))[GAZE_TERM] == pytest.approx([0.0] * 5)

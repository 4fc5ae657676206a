"""Why is this said?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.likelihood import FACE_TERM, GAZE_TERM, LIDS_TERM
from inference.attention.person import Person
from inference.attention.reasons import (
    MAX_REASONS,
    SPEAK_FOR,
    Held,
    choose,
    conditions,
    hold,
    sentence,
)
from inference.attention.state import ReasonCode, State
from inference.attention.view import view
from tests.inference.attention.sitter import face, nobody


def codes_of(**angles: float) -> dict[ReasonCode, float]:
    """What is true of a face seen from the prior baseline."""
    return dict(conditions(view(face(**angles), Person.new())))  # type: ignore[arg-type]  # all keywords but `faces` are floats


@pytest.mark.parametrize(
    ("code", "value", "since_s", "words"),
    [
        (ReasonCode.HEAD_TURNED, -41.2, 3.4, "head turned 41° right for 3 s"),
        (ReasonCode.HEAD_TURNED, 41.2, 0.4, "head turned 41° left"),
        (ReasonCode.GAZE_ASIDE, -24, 7, "gaze 24° right of the screen for 7 s"),
        (ReasonCode.GAZE_DOWN, 12, 1.9, "gaze 12° below the screen for 1 s"),
        (ReasonCode.HEAD_DOWN, 25, 60, "head lowered 25° for 60 s"),
        (ReasonCode.SEVERAL_FACES, 2, 9, "2 faces in the picture"),
        (
            ReasonCode.PEOPLE_IN_ROOM,
            1,
            9,
            "people in the room: 1; its camera measures no attention",
        ),
        (ReasonCode.FACE_SMALL, 14.3, 0, "face too small to read, 14 px between the eyes"),
    ],
)
def test_sentences_are_for_people(
    code: ReasonCode, value: float, since_s: float, words: str
) -> None:
    """Numbers are of the picture; right and left are the person's own."""
    assert sentence(code, value, since_s) == words


@given(st.sampled_from(ReasonCode), st.floats(-90, 90), st.floats(0, 1e5))
def test_every_code_has_a_sentence(code: ReasonCode, value: float, since_s: float) -> None:
    """No reason is without words."""
    assert sentence(code, value, since_s)


def test_turned_head_counts_from_the_image() -> None:
    """A head turned to the image left (positive yaw) is negative to the image right."""
    assert codes_of(head_yaw_deg=30)[ReasonCode.HEAD_TURNED] == pytest.approx(-30)
    assert codes_of(head_yaw_deg=-30)[ReasonCode.GAZE_ASIDE] == pytest.approx(9)


def test_directions_name_themselves() -> None:
    """Each direction past an edge has its own code and number."""
    assert codes_of(head_pitch_deg=-30)[ReasonCode.HEAD_DOWN] == pytest.approx(25)
    assert codes_of(head_pitch_deg=-30)[ReasonCode.GAZE_DOWN] == pytest.approx(11)
    assert codes_of(head_pitch_deg=20)[ReasonCode.GAZE_UP] == pytest.approx(11)
    assert codes_of(head_pitch_deg=0)[ReasonCode.ON_SCREEN] == pytest.approx(5)


def test_closed_eyes_are_not_on_the_screen() -> None:
    """Whoever has closed eyes is not said to look at the screen."""
    codes = codes_of(eye_aspect_ratio=0.05)
    assert ReasonCode.EYES_CLOSED in codes
    assert ReasonCode.ON_SCREEN not in codes


def test_dark_picture_is_unreadable_and_no_empty_chair() -> None:
    """A covered lens says that it cannot be read."""
    dark = view(nobody(brightness=0.01), Person.new())
    assert [code for code, _ in conditions(dark)] == [
        ReasonCode.UNREADABLE,
        ReasonCode.NO_FACE,
    ]
    assert dark.evidence is None


def test_duration_survives_a_short_pause() -> None:
    """A condition that pauses for a frame goes on; after five seconds it begins anew."""
    turned = [(ReasonCode.HEAD_TURNED, 30.0)]
    held = hold((), turned, 0.0)
    held = hold(held, [(ReasonCode.ON_SCREEN, 1.0)], 0.5)
    held = hold(held, turned, 1.0)
    assert {item.code: item.began_s for item in held}[ReasonCode.HEAD_TURNED] == 0
    held = hold(held, turned, 6.0)
    assert {item.code: item.began_s for item in held}[ReasonCode.HEAD_TURNED] == 6


@given(
    st.lists(st.tuples(st.sampled_from(ReasonCode), st.floats(-90, 90)), min_size=1, max_size=8),
    st.sampled_from(State),
)
def test_one_to_three_reasons_without_repeats(
    true: list[tuple[ReasonCode, float]], state: State
) -> None:
    """There is always a reason, never the same one twice."""
    chosen = choose(state, hold((), list(dict(true).items()), 5.0), 5.0)
    assert 1 <= len(chosen) <= MAX_REASONS
    assert len({reason.code for reason in chosen}) == len(chosen)


def test_state_that_outlives_its_evidence_keeps_its_reason() -> None:
    """The first frame that disagrees does not speak for the state that still holds."""
    held = hold((), [(ReasonCode.ON_SCREEN, 2.0)], 0.0)
    held = hold(held, [(ReasonCode.HEAD_TURNED, 40.0)], 0.5)
    [reason] = choose(State.FOCUSED, held, 0.5)
    assert reason.code is ReasonCode.ON_SCREEN


@pytest.mark.parametrize(
    ("terms", "first"),
    [
        pytest.param({GAZE_TERM: 3.0, LIDS_TERM: 1.0}, ReasonCode.HEAD_DOWN, id="gaze"),
        pytest.param({GAZE_TERM: 1.0, LIDS_TERM: 3.0}, ReasonCode.EYES_CLOSED, id="lids"),
    ],
)
def test_term_that_tells_most_from_the_runner_up_comes_first(
    terms: dict[int, float], first: ReasonCode
) -> None:
    """The order is that of the log-likelihood ratios."""
    held = hold((), [(ReasonCode.HEAD_DOWN, 20.0), (ReasonCode.EYES_CLOSED, 0.1)], 1.0)
    telling = [terms.get(term, 0.0) for term in (FACE_TERM, LIDS_TERM, GAZE_TERM)]
    chosen = choose(State.DRIFTING, held, 1.0, telling)
    assert len(chosen) == 2
    assert chosen[0].code is first


def test_what_speaks_for_the_runner_up_is_no_reason() -> None:
    """A condition whose term is against the state is left out."""
    held = hold((), [(ReasonCode.HEAD_DOWN, 20.0), (ReasonCode.EYES_CLOSED, 0.1)], 1.0)
    [reason] = choose(State.DRIFTING, held, 1.0, [0.0, -2.0, 1.0])
    assert reason.code is ReasonCode.HEAD_DOWN


def test_every_state_has_something_to_say() -> None:
    """No state is without a condition that speaks for it."""
    assert set(SPEAK_FOR) == set(State)
    assert all(SPEAK_FOR[state] for state in State)


def test_old_conditions_are_forgotten() -> None:
    """Memory holds what was true in the last seconds, not a history."""
    held: tuple[Held, ...] = ()
    for second in range(0, 600, 20):
        held = hold(held, [(ReasonCode(second // 20 % 12 + 1), 0.0)], float(second))
    assert len(held) == 1

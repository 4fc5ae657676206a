"""Which visible movement of the face lasts?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2

from inference.attention.expression import (
    BINS,
    FROWN_S,
    SAME_WITHIN_S,
    SMILE_S,
    USABLE_FRAMES,
    Expression,
    ExpressionKind,
    Face,
    follow,
    median,
)
from inference.perception.observation import Movements

REST = Movements(smile=0.1, brows_down=0.05, squint=0.3)
SMILE = Movements(smile=0.8, brows_down=0.05, squint=0.5)
FROWN = Movements(smile=0.1, brows_down=0.5, squint=0.6)
shares = st.floats(0, 1)


def at_rest(rest: Movements = REST, frames: int = USABLE_FRAMES) -> Face:
    """A face that has been looked at twice a second until now, second 0."""
    face = Face()
    for index in range(frames):
        face, _ = follow(face, rest, (index - frames) / 2)
    return face


def play(face: Face, *script: tuple[float, Movements | None]) -> list[Expression | None]:
    """What is said at each moment."""
    said = []
    for now_s, movements in script:
        face, expression = follow(face, movements, now_s)
        said.append(expression)
    return said


def test_kinds_have_the_numbers_of_the_wire() -> None:
    """Each kind is the contract's by name and number."""
    wire = dict(perception_pb2.ExpressionKind.items())
    assert wire.pop("EXPRESSION_KIND_UNSPECIFIED") == 0
    assert wire == {f"EXPRESSION_KIND_{kind.name}": kind.value for kind in ExpressionKind}


def test_a_smile_is_said_once_it_lasts() -> None:
    """Half a second is nothing; a second is a smile, since it began, above the usual."""
    said = play(at_rest(), (0, SMILE), (0.5, SMILE), (1.0, SMILE))
    assert said[:2] == [None, None]
    assert said[2] is not None
    assert (said[2].kind, said[2].since_s) == (ExpressionKind.SMILE, 1.0)
    assert said[2].strength == pytest.approx(0.7, abs=0.03)


def test_one_reading_is_never_enough() -> None:
    """A frame that was not read does not show that a smile lasted."""
    said = play(at_rest(), (0, SMILE), (1.0, None), (2.0, None), (2.5, SMILE))
    assert said[:3] == [None] * 3
    assert said[3] is not None


def test_a_frown_takes_longer_and_needs_narrowed_eyes() -> None:
    """Lowered brows alone are no frown."""
    said = play(at_rest(), (0, FROWN), (1.0, FROWN), (2.0, FROWN))
    assert said[1] is None
    assert said[2] is not None
    assert said[2].kind is ExpressionKind.FROWN
    brows_alone = Movements(FROWN.smile, FROWN.brows_down, REST.squint)
    assert play(at_rest(), *((i / 2, brows_alone) for i in range(10))) == [None] * 10


def test_a_smile_with_lowered_brows_is_a_smile() -> None:
    """There is no frown while there is a smile."""
    both = Movements(SMILE.smile, FROWN.brows_down, FROWN.squint)
    said = play(at_rest(), (0, both), (1, both), (2, both), (3, both))
    assert {item.kind for item in said if item is not None} == {ExpressionKind.SMILE}


def test_a_face_that_always_smiles_does_not() -> None:
    """What is usual is no movement."""
    assert play(at_rest(SMILE), *((i / 2, SMILE) for i in range(40))) == [None] * 40


def test_nothing_is_said_of_a_stranger() -> None:
    """Until its usual look is known a face has no expression."""
    face = at_rest(frames=USABLE_FRAMES // 2)
    assert play(face, (0, SMILE), (1, SMILE), (2, SMILE)) == [None] * 3


def test_frames_that_were_not_read_change_nothing() -> None:
    """Every second frame is enough; after a gap nothing is known to have lasted."""
    said = play(at_rest(), (0, SMILE), (1, SMILE), (1.5, None), (1.5 + SAME_WITHIN_S, None))
    assert said[1] is not None
    assert said[2] is not None
    assert said[2].since_s == 1.5
    assert said[3] is None
    gap_s = SAME_WITHIN_S + 0.5
    assert play(at_rest(), (0, SMILE), (gap_s, SMILE)) == [None, None]


@given(st.lists(st.builds(Movements, shares, shares, shares), max_size=60), st.floats(0.1, 2))
def test_whatever_comes_is_held_and_bounded(frames: list[Movements], every_s: float) -> None:
    """Nothing is said before its time, strength is a share, and memory does not grow."""
    face = Face()
    for index, movements in enumerate(frames):
        face, said = follow(face, movements, index * every_s)
        assert len(face.counts) == 3 * BINS
        if said is not None:
            assert said.since_s >= {1: SMILE_S, 2: FROWN_S}[said.kind]
            assert 0 < said.strength <= 1


@given(st.lists(st.integers(0, 255), min_size=BINS, max_size=BINS))
def test_median_halves_the_counts(counts: list[int]) -> None:
    """As much lies below as above, to within the bin."""
    middle = median(bytes(counts))
    assert 0 <= middle <= 1
    below = sum(count for index, count in enumerate(counts) if (index + 1) / BINS <= middle - 1e-9)
    above = sum(count for index, count in enumerate(counts) if index / BINS >= middle + 1e-9)
    assert max(below, above) <= sum(counts) / 2 + 1e-9


def test_old_frames_are_forgotten() -> None:
    """A face that changes for good gets a new usual."""
    face = at_rest(frames=400)
    said = play(face, *((i / 2, SMILE) for i in range(600)))
    assert said[4] is not None
    assert said[-1] is None

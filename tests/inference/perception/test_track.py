"""Where a stream's faces are, between its frames."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.track import Place, match, new_number, overlap

F32 = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

sides = st.floats(20, 400)
regions = st.tuples(st.floats(0, 640), st.floats(0, 480), sides, st.floats(-1, 1))


def region(x: float, y: float, side: float, angle: float = 0.0) -> F32:
    """(4,)."""
    return np.array([x, y, side, angle], np.float32)


@given(regions, regions)
def test_overlap_is_a_share_and_takes_no_side(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> None:
    """Between 0 and 1, 1 with itself, and the same from both sides."""
    first, second = region(*one), region(*other)
    assert 0 <= overlap(first, second) <= 1 + 1e-6
    assert overlap(first, first) == pytest.approx(1, abs=1e-5)
    assert overlap(first, second) == pytest.approx(overlap(second, first), abs=1e-6)


@given(st.lists(regions, max_size=6), st.lists(regions, max_size=6))
def test_a_known_face_is_continued_once(
    found: list[tuple[float, float, float, float]], known: list[tuple[float, float, float, float]]
) -> None:
    """Two faces never get one number."""
    rows = match([region(*each) for each in found], [region(*each) for each in known])
    assert len(rows) == len(found)
    taken = [row for row in rows if row is not None]
    assert len(taken) == len(set(taken))
    assert all(0 <= row < len(known) for row in taken)


@given(st.lists(regions, min_size=1, max_size=5, unique=True), st.randoms())
def test_the_order_of_faces_does_not_matter(
    faces: list[tuple[float, float, float, float]],
    chance: Random,
) -> None:
    """Faces that stayed where they were are found again in any order."""
    apart = [region(400 * i + face[0] / 10, face[1], 150) for i, face in enumerate(faces)]
    order = list(range(len(apart)))
    chance.shuffle(order)
    assert match([apart[i] for i in order], apart) == order


def test_overlap_counts_before_nearness() -> None:
    """A face goes on in the box that it shares most of, though another centre is as near."""
    small, large = region(100, 100, 60), region(130, 100, 200)
    assert match([region(120, 100, 190)], [small, large]) == [1]


def test_a_centre_within_half_a_face_is_enough() -> None:
    """At two frames a second a face may have grown out of its box."""
    assert match([region(110, 100, 40)], [region(100, 100, 200)]) == [0]
    assert match([region(190, 100, 40)], [region(100, 100, 200)]) == [None]


def test_places_are_shares_of_the_width() -> None:
    """The same place in a picture of half the size."""
    place = Place(0.5, 0.25, 0.2, 0.1, 7)
    assert place.region(640).tolist() == pytest.approx([320, 160, 128, 0.1])
    assert place.region(320).tolist() == pytest.approx([160, 80, 64, 0.1])


def test_numbers_fit_the_wire_and_say_nothing() -> None:
    """Positive, 31 bits, and not in order."""
    numbers = [new_number() for _ in range(50)]
    assert all(0 < number < 2**31 for number in numbers)
    assert len(set(numbers)) == 50
    assert numbers != sorted(numbers)

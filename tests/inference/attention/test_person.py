"""What is known of a person after a while, and how it travels."""

import random
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.calibration import Calibration
from inference.attention.judge import Memory, judge
from inference.attention.person import MAX_BYTES, VERSION, Person
from tests.inference.attention.dots import calibrated
from tests.inference.attention.sitter import Act, Sitter

NEW = Person.new().to_bytes()


def sat(seconds: int, *, moves: bool = False, shows: bool = False) -> Memory:
    """Someone who has watched; perhaps moved to a second screen, perhaps shown the first one."""
    chance, memory = random.Random(3), Memory.new()
    for frame in range(seconds * 2):
        sitter = Sitter(yaw_deg=36 if moves and frame > seconds else 4)
        memory, _ = judge(memory, sitter.observed(Act.WATCH, chance), now_s=frame / 2)
    calibration = calibrated()
    if shows and isinstance(calibration, Calibration):
        memory = replace(memory, person=replace(memory.person, calibration=calibration))
    return memory


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("shows", [False, True])
def test_what_was_learned_survives(
    moves: bool,  # noqa: FBT001 - a column of the table
    shows: bool,  # noqa: FBT001 - the same
) -> None:
    """Centres to a thousandth of a degree, counts to a 255th of the largest, in a kilobyte."""
    before = sat(160, moves=moves, shows=shows).person
    data = before.to_bytes()
    assert len(data) <= MAX_BYTES
    after = Person.from_bytes(data)
    assert len(after.baseline.places) == len(before.baseline.places) == 1 + moves
    for new, old in zip(after.baseline.places, before.baseline.places, strict=True):
        assert new.head.apart(old.head) < 1e-3
        assert new.gaze.apart(old.gaze) < 1e-3
        assert new.is_usable == old.is_usable
        assert np.abs(new.counts - old.counts).max() <= old.counts.max() / 255
    assert after.opening.open_ratio == pytest.approx(before.opening.open_ratio)
    assert (after.calibration is None) == (before.calibration is None)
    assert after.to_bytes() == data


def test_next_worker_judges_as_the_last_one_would() -> None:
    """At once with a baseline, instead of after twenty seconds."""
    memory = sat(60)
    moved = Memory.from_bytes(memory.to_bytes())
    chance = random.Random(5)
    for frame in range(6):
        observed = Sitter().observed(Act.LOOK_ASIDE, chance)
        memory, here = judge(memory, observed, now_s=60 + frame / 2)
        moved, there = judge(moved, observed, now_s=9000 + frame / 2)
        assert there.on_screen == pytest.approx(here.on_screen, abs=0.01)
    assert there.state is here.state


@given(st.binary(max_size=1200))
def test_any_bytes_are_a_person(data: bytes) -> None:
    """Garbage is nobody."""
    assert Person.from_bytes(data).to_bytes() == NEW


@given(st.integers(0, len(NEW) - 1), st.integers(1, 255))
def test_damaged_bytes_are_nobodys(at: int, by: int) -> None:
    """Every single byte is checked."""
    data = bytearray(sat(2).person.to_bytes())
    data[at % len(data)] ^= by
    assert Person.from_bytes(bytes(data)).to_bytes() == NEW


@given(st.data())
def test_forged_bytes_give_possible_numbers(data: st.DataObject) -> None:
    """Even bytes with a right check can be judged with."""
    body = bytearray(NEW[:-4])
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    memory = Memory.from_bytes(_checked(bytes(body)))
    _, judgement = judge(memory, Sitter().observed(Act.WATCH, random.Random(1)), now_s=0)
    assert 0 <= judgement.probability <= 1


def test_other_versions_are_not_read() -> None:
    """What another release wrote is learned anew."""
    body = sat(30).person.to_bytes()[:-4]
    assert Person.from_bytes(_checked(body)).to_bytes() != NEW
    other = bytes([VERSION + 1]) + body[1:]
    assert Person.from_bytes(_checked(other)).to_bytes() == NEW
    assert Person.from_bytes(_checked(body + b"\0")).to_bytes() == NEW


def _checked(body: bytes) -> bytes:
    return body + struct.pack("<I", zlib.crc32(body))

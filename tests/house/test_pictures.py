"""The search for pictures finds a planted one, and nothing in noise."""

import base64
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.house.pictures import pictures_in, pictures_under

FRAME = np.random.default_rng(7).integers(0, 255, (240, 320, 3), dtype=np.uint8)
KINDS = ("jpeg", "png", "webp")


def picture(kind: str) -> bytes:
    """Return a small picture of a kind."""
    done, encoded = cv2.imencode(f".{kind}", FRAME)
    assert done
    return encoded.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@given(before=st.binary(max_size=50), after=st.binary(max_size=50))
@example(before=b"\xff\xd8", after=b"")
def test_a_planted_picture_is_found(kind: str, before: bytes, after: bytes) -> None:
    """Wherever it begins, whatever surrounds it."""
    found = list(pictures_in(before + picture(kind) + after, "here"))
    assert (len(before), kind) in {(one.offset, one.kind) for one in found}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_as_text_is_found(kind: str) -> None:
    """A log line can carry one in base64."""
    line = b'{"event": "frame_seen", "image": "' + base64.b64encode(picture(kind)) + b'"}'
    assert [one.kind for one in pictures_in(line, "log")] == ["encoded"]


@pytest.mark.parametrize("shown", [repr, bytes.hex], ids=["repr", "hex"])
def test_a_picture_as_python_shows_it_is_found(shown: Callable[[bytes], str]) -> None:
    """A careless log line would write one of these."""
    line = shown(picture("jpeg")).encode()
    assert [one.kind for one in pictures_in(line, "log")] == ["encoded"]


def test_a_truncated_picture_is_found() -> None:
    """Half of a face is a face."""
    assert list(pictures_in(picture("jpeg")[:2000], "here"))


@given(st.binary(max_size=2000))
def test_noise_is_no_picture(noise: bytes) -> None:
    """Signatures appear by chance, structure does not."""
    chance = b"\xff\xd8\xff\xe0" + noise + b"RIFF1234WEBP" + noise + b"\x89PNG\r\n\x1a\n"
    assert not list(pictures_in(chance, "here"))


def test_a_picture_in_a_file_is_found_with_its_place(tmp_path: Path) -> None:
    """Down any number of folders; empty files do no harm."""
    (tmp_path / "store/data").mkdir(parents=True)
    (tmp_path / "store/data/empty").touch()
    (tmp_path / "store/data/image.bin").write_bytes(b"rows" * 1000 + picture("jpeg"))
    (tmp_path / "media").mkdir()
    (tmp_path / "media/cover.jpg").write_bytes(picture("jpeg"))
    found = pictures_under(tmp_path, besides=frozenset({"media"}))
    assert [(one.where, one.offset) for one in found] == [
        (str(tmp_path / "store/data/image.bin"), 4000)
    ]

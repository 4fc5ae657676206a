"""Finding the sitters' faces."""

from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from demo.puppet.landmarks import SITTERS, load_portraits
from demo.puppet.portrait import Portrait
from inference.models.folder import ModelFolder


def test_every_sitter_has_all_landmarks(portraits: list[Portrait]) -> None:
    """The face and both irises."""
    assert [portrait.name for portrait in portraits] == list(SITTERS)
    assert {portrait.points.shape for portrait in portraits} == {(478, 3)}


def test_a_picture_without_a_face_is_refused(folder: ModelFolder) -> None:
    """A cat cannot sit in class."""
    with pytest.raises(Misconfigured, match="shows no face"):
        load_portraits(folder, ["chelsea"])


def test_missing_models_say_how_to_get_them(tmp_path: Path) -> None:
    """One sentence with the command."""
    with pytest.raises(Misconfigured, match="models build"):
        load_portraits(ModelFolder(tmp_path))

"""The pipeline and the one that stands for it in the engine's tests answer looks alike."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from inference.models.folder import ModelFolder
from inference.perception.pipeline import Look, Pipeline, Seen, Unreadability, Unreadable
from tests.inference.fakes import BROKEN, FakePipeline


class Observing(Protocol):
    """What the engine asks for."""

    provider: str

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Answer each look in order."""


@pytest.fixture(params=["fake", "real"])
def pipeline(request: pytest.FixtureRequest, models: Path) -> Observing:
    """Return something that sees."""
    if request.param == "real":
        return Pipeline.load(ModelFolder(models), provider="cpu")
    return FakePipeline()


def test_each_look_is_answered_in_order(pipeline: Observing, portrait: bytes) -> None:
    """A broken picture among good ones spoils only its own answer."""
    looks = [Look(portrait, None), Look(BROKEN, None), Look(portrait, None)]
    first, broken, last = pipeline.observe(looks)
    assert isinstance(first, Seen)
    assert isinstance(last, Seen)
    assert first.observation.faces == last.observation.faces == 1
    assert isinstance(broken, Unreadable)
    assert broken.reason is Unreadability.NOT_AN_IMAGE
    assert broken.detail
    assert pipeline.provider


def test_nothing_to_look_at_is_no_answer(pipeline: Observing) -> None:
    """An empty batch is allowed."""
    assert pipeline.observe([]) == []

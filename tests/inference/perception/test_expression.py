"""Which visible movements does a face make, and when is it not even looked at?"""

import pytest

from inference.models.folder import ModelFolder
from inference.perception.look import Look, Seen, Wants
from inference.perception.pipeline import Pipeline
from inference.perception.rows import Opener
from tests.inference.perception.puppet import Puppet, to_jpeg
from tests.inference.perception.warp import smiling

ALLOWED = Wants(expression=True)
STAGES = {"face_landmarks_v2", "blendshapes"}


def test_networks_are_opened_by_the_first_frame_that_wants_them(
    full_models: ModelFolder, puppets: dict[str, Puppet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that never gets such a frame never reads their files."""
    opened: list[str] = []
    right = Opener.open

    def spying(opener: Opener, name: str, *rest: object, **more: object) -> object:
        opened.append(name)
        return right(opener, name, *rest, **more)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(Opener, "open", spying)
    pipeline = Pipeline.load(full_models, provider="cpu", threads=1)
    image = to_jpeg(puppets["astronaut"].view())
    [seen] = pipeline.observe([Look(image)])
    assert isinstance(seen, Seen)
    assert seen.observation.movements is None
    assert STAGES.isdisjoint(opened)
    [seen] = pipeline.observe([Look(image, wants=ALLOWED)])
    assert isinstance(seen, Seen)
    assert seen.observation.movements is not None
    assert set(opened) >= STAGES


def test_only_frames_that_want_them_are_read(
    full_pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """In one batch each frame gets what it asked for, and its runs are reported."""
    image = to_jpeg(puppets["astronaut"].view())
    looks = [Look(image), Look(image, wants=ALLOWED), Look(image)]
    ran = full_pipeline.run(full_pipeline.prepare(looks))
    read = [s.observation.movements is not None for s in ran.results if isinstance(s, Seen)]
    assert read == [False, True, False]
    items = {run.stage: run.items for run in ran.stages if run.stage in STAGES}
    assert items == dict.fromkeys(STAGES, 1)


def test_landmarks_do_where_the_networks_are_not(
    folder: ModelFolder, pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """A smile is seen without them."""
    if folder.has("blendshapes"):
        pytest.skip("this checkout has the optional networks built")
    looks = [
        Look(to_jpeg(smiling(puppets["grace_hopper"], share)), wants=ALLOWED)
        for share in (0.0, 0.1)
    ]
    smiles = [
        seen.observation.movements.smile
        for seen in pipeline.observe(looks)
        if isinstance(seen, Seen) and seen.observation.movements is not None
    ]
    assert smiles[1] > smiles[0] + 0.2

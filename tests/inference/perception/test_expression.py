"""Which visible movements does a face make, and when is it not even looked at?"""

import threading

import pytest
from rapt.errors import Misconfigured
from structlog.testing import capture_logs

from inference.models.folder import ModelFolder
from inference.perception.blendshapes import Blendshapes
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
    pipeline.observe([Look(image, wants=ALLOWED)])
    pipeline._measurer.open_expressions()
    [seen] = pipeline.observe([Look(image, wants=ALLOWED)])
    assert isinstance(seen, Seen)
    assert seen.observation.movements is not None
    assert [name for name in opened if name in STAGES] == ["face_landmarks_v2", "blendshapes"]


def test_nothing_is_read_while_they_are_opened(
    full_models: ModelFolder, puppets: dict[str, Puppet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first frames go on without them, and do not wait."""
    may_open = threading.Event()
    right = Blendshapes.load

    def slowly(opener: Opener) -> Blendshapes | None:
        assert may_open.wait(60)
        return right(opener)

    monkeypatch.setattr(Blendshapes, "load", slowly)
    pipeline = Pipeline.load(full_models, provider="cpu", threads=1)
    look = Look(to_jpeg(puppets["astronaut"].view()), wants=ALLOWED)
    for _ in range(2):
        [seen] = pipeline.observe([look])
        assert isinstance(seen, Seen)
        assert seen.observation.has_face
        assert seen.observation.movements is None
    may_open.set()
    pipeline._measurer.open_expressions()
    [seen] = pipeline.observe([look])
    assert isinstance(seen, Seen)
    assert seen.observation.movements is not None


def test_a_broken_network_is_done_without(
    full_models: ModelFolder, puppets: dict[str, Puppet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, and everything else goes on."""

    def broken(_: Opener) -> Blendshapes | None:
        raise Misconfigured("the file is damaged")

    monkeypatch.setattr(Blendshapes, "load", broken)
    pipeline = Pipeline.load(full_models, provider="cpu", threads=1)
    with capture_logs() as logs:
        pipeline._measurer.open_expressions()
    assert [entry["event"] for entry in logs] == ["expression_models_refused"]
    [seen] = pipeline.observe([Look(to_jpeg(puppets["astronaut"].view()), wants=ALLOWED)])
    assert isinstance(seen, Seen)
    assert seen.observation.has_face
    assert seen.observation.movements is None


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

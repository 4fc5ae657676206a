"""Building everything, from a mirror and without a network."""

import multiprocessing
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rapt.errors import Misconfigured, Unavailable

from inference.models.build import build
from inference.models.folder import ModelFolder
from inference.models.manifest import Manifest, read_manifest
from inference.models.places import Places
from inference.models.plan import make_plan
from inference.models.verify import entries, what_is_wrong
from tests.inference.models.toys import Silent

MANIFEST = read_manifest()
ALWAYS = [model.name for model in MANIFEST.models if not model.options]
SOURCES = [source for source in MANIFEST.sources if not source.optional]


@pytest.fixture
def places(models: ModelFolder, tmp_path: Path) -> Places:
    """Return empty places and a mirror that has every source."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for source in SOURCES:
        (mirror / source.file).symlink_to(models.source(source.name))
    return Places(models=tmp_path / "models", cache=tmp_path / "cache", mirror=mirror)


@pytest.fixture
def built(places: Places) -> Places:
    """Return places where everything was built."""
    build(MANIFEST, places, Silent())
    return places


def spoil(places: Places, name: str) -> None:
    """Change one byte of a file in the mirror, and forget it in the cache."""
    assert places.mirror is not None
    path = places.mirror / MANIFEST.source(name).file
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.unlink()
    path.write_bytes(data)


def repinned(name: str, sha256: str) -> Manifest:
    """Return the manifest with another source or model hash."""
    sources = tuple(
        msgspec.structs.replace(s, sha256=sha256) if s.name == name else s for s in MANIFEST.sources
    )
    models = tuple(
        msgspec.structs.replace(m, sha256=sha256) if m.name == name else m for m in MANIFEST.models
    )
    return msgspec.structs.replace(MANIFEST, sources=sources, models=models)


class Stops:
    """Interrupts the build when a step begins."""

    def __init__(self, step: str) -> None:
        self._step = step

    def step(self, text: str, *, of: int | None = None) -> None:
        """Interrupt at the step."""
        del of
        if text == self._step:
            raise KeyboardInterrupt

    def done(self, amount: int) -> None:
        """Ignore it."""


def test_an_empty_machine_gets_everything(places: Places) -> None:
    """The first build makes all, the second nothing, and every hash is right."""
    plan = build(MANIFEST, places, Silent()).plan
    assert [model.name for model in plan.models] == ALWAYS
    assert len(plan.sources) == len(SOURCES)
    assert build(MANIFEST, places, Silent()).plan.is_empty
    assert what_is_wrong(MANIFEST, places) == ()
    found = entries(MANIFEST, places)
    assert {entry.state for entry in found if not entry.get} == {"ready"}
    assert {entry.state for entry in found if entry.get} == {"not fetched"}


def test_a_rebuilt_face_is_the_same(built: Places, models: ModelFolder) -> None:
    """Deriving is repeatable on one machine."""
    name = MANIFEST.model("reference_face").file
    assert (built.models / name).read_bytes() == (models.path / name).read_bytes()


def test_a_wrong_source_stops_and_leaves_the_old_models(built: Places) -> None:
    """A release with other bytes is named; what was built before stays and works."""
    before = {path.name: path.read_bytes() for path in built.models.iterdir()}
    spoil(built, "face_landmark_with_attention")
    newer = repinned("face_landmark_with_attention", "0" * 64)
    with pytest.raises(Misconfigured, match=r"face_landmark_with_attention\.tflite has sha256"):
        build(newer, built, Silent())
    assert {path.name: path.read_bytes() for path in built.models.iterdir()} == before
    assert ModelFolder(built.models).graph("attention_mesh").exists()
    assert "attention_mesh is stale" in what_is_wrong(newer, built)


def test_a_graph_that_comes_out_differently_is_not_used(built: Places) -> None:
    """The pinned hash of a converted graph is held."""
    before = (built.models / "face_detector.onnx").read_bytes()
    with pytest.raises(Misconfigured, match=r"face_detector\.onnx came out with sha256"):
        build(repinned("face_detector", "0" * 64), built, Silent())
    assert (built.models / "face_detector.onnx").read_bytes() == before


def test_an_interrupted_build_goes_on(places: Places) -> None:
    """What was finished before the interruption is not done again."""
    with pytest.raises(KeyboardInterrupt):
        build(MANIFEST, places, Stops("converting attention_mesh"))
    plan = build(MANIFEST, places, Silent()).plan
    assert plan.ingredients(plan.models) == ()
    assert [model.name for model in plan.models] == ALWAYS[1:]


def test_a_damaged_model_is_made_again(built: Places) -> None:
    """It alone, and what is made of it when its bytes come out the same is left alone."""
    (built.models / "face_detector.onnx").write_bytes(b"half")
    assert what_is_wrong(MANIFEST, built) == ("face_detector is damaged",)
    plan = build(MANIFEST, built, Silent()).plan
    assert [model.name for model in plan.models] == ["face_detector"]


def test_a_lost_picture_is_fetched_again(built: Places) -> None:
    """Pictures are used after the build, so the cache must keep them."""
    ModelFolder(built.models).portrait("astronaut").unlink()
    assert what_is_wrong(MANIFEST, built) == ("astronaut is missing",)
    plan = build(MANIFEST, built, Silent()).plan
    assert ([source.name for source in plan.sources], plan.models) == (["astronaut"], ())


def test_a_machine_without_a_network_keeps_its_models(
    built: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache was cleaned and no index answers: the pictures are missed, the models are used."""
    monkeypatch.setattr("inference.models.fetch.download_wheel", unreachable)
    shutil.rmtree(built.cache)
    outcome = build(MANIFEST, replace(built, mirror=None), Silent())
    assert outcome.problem == "no index answers"
    assert outcome.plan.models == ()
    assert ModelFolder(built.models).graph("attention_mesh").exists()


def test_an_unreachable_ingredient_stops_the_build(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be made on first use without it."""
    monkeypatch.setattr("inference.models.fetch.download_wheel", unreachable)
    with pytest.raises(Unavailable, match="no index answers"):
        build(MANIFEST, replace(places, mirror=None), Silent())


def unreachable(*_: object, **__: object) -> Path:
    """Fail as pip does without a network."""
    raise Unavailable("no index answers")


def test_a_moved_cache_is_noted(built: Places) -> None:
    """Pictures are then looked for where they now are."""
    moved = replace(built, cache=built.cache.rename(built.cache.with_name("moved")))
    assert make_plan(MANIFEST, moved).is_empty
    build(MANIFEST, moved, Silent())
    assert ModelFolder(built.models).portrait("astronaut").is_relative_to(moved.cache)


def _build_in_a_process(places: Places) -> None:
    build(MANIFEST, places, Silent())


def test_two_builds_at_once_do_not_disturb_each_other(places: Places) -> None:
    """The second waits, then finds nothing left to do."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_build_in_a_process, args=(places,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert what_is_wrong(MANIFEST, places) == ()

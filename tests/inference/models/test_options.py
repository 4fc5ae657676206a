"""Models that a user may add: built when asked for, kept from then on, missed by nobody else."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rapt.errors import Misconfigured, Unavailable

from inference.models.build import build
from inference.models.folder import ModelFolder
from inference.models.manifest import Manifest, Model, Option, OptionName, Recipe, Source
from inference.models.places import Places
from inference.models.plan import make_plan
from inference.models.record import forget, read_record
from inference.models.verify import entries, what_is_wrong
from tests.inference.models.toys import Silent, Site, manifest_of, serving, sha256, url_source

BASE, EXTRA, OTHER = b"base " * 500, b"extra " * 2000, b"other " * 2000
COMMAND = "./rapt models build --with room"
ROOM: tuple[OptionName, ...] = ("room",)
NOWHERE = "http://127.0.0.1:9"


def manifest_at(site: str, *, extra: bytes = EXTRA) -> Manifest:
    """Return a manifest of one model for everybody and one for those who ask."""
    base = url_source("base_file", BASE, f"{site}/base.onnx")
    optional = url_source("extra_file", extra, f"{site}/extra.onnx")
    models = (
        Model(name="base", kind="onnx", file="base.onnx", made_of=("base_file",)),
        Model(
            name="extra",
            kind="onnx",
            file="extra.onnx",
            made_of=("extra_file",),
            options=("room",),
        ),
    )
    option = Option(name="room", without="rooms are searched coarsely", command=COMMAND)
    sources = manifest_of(base, msgspec.structs.replace(optional, optional=True))
    return msgspec.structs.replace(sources, models=models, options=(option,))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Return empty places."""
    return Places(models=tmp_path / "models", cache=tmp_path / "cache")


def whole_site() -> Site:
    """Return a server that has everything."""
    return Site({"/base.onnx": BASE, "/extra.onnx": EXTRA})


def test_nobody_gets_what_nobody_asked_for(places: Places) -> None:
    """Neither fetched nor missed."""
    with serving(whole_site()) as site:
        manifest = manifest_at(site.address)
        build(manifest, places, Silent())
        assert {path for path, _ in site.asked} == {"/base.onnx"}
    assert what_is_wrong(manifest, places) == ()
    states = {entry.name: (entry.state, entry.get) for entry in entries(manifest, places)}
    assert states["extra"] == states["extra_file"] == ("not fetched", COMMAND)
    assert states["base"] == ("ready", "")


def test_what_was_asked_for_stays(places: Places) -> None:
    """A later build without the wish keeps it, and brings it up to date."""
    with serving(whole_site()) as site:
        build(manifest_at(site.address), places, Silent(), asked=ROOM)
        assert make_plan(manifest_at(site.address), places).is_empty
        site.files["/extra.onnx"] = OTHER
        newer = manifest_at(site.address, extra=OTHER)
        assert [model.name for model in make_plan(newer, places).models] == ["extra"]
        outcome = build(newer, places, Silent())
    assert outcome.problem is None
    assert (places.models / "extra.onnx").read_bytes() == OTHER


def test_a_wish_that_cannot_be_met_is_an_error(places: Places) -> None:
    """But only after everybody else's models were built."""
    with serving(Site({"/base.onnx": BASE})) as site:
        manifest = manifest_at(site.address)
        with pytest.raises(Unavailable, match=r"extra\.onnx"):
            build(manifest, places, Silent(), asked=ROOM)
    assert list(read_record(places.models).models) == ["base"]
    assert make_plan(manifest, places).is_empty


@pytest.mark.parametrize("extra", [None, EXTRA[:-1] + b"!"])
def test_an_update_that_fails_is_a_problem_and_no_error(
    places: Places, extra: bytes | None
) -> None:
    """Absent or wrong at its address: the older one goes on working."""
    with serving(whole_site()) as site:
        build(manifest_at(site.address), places, Silent(), asked=ROOM)
        if extra is None:
            del site.files["/extra.onnx"]
        else:
            site.files["/extra.onnx"] = extra
        outcome = build(manifest_at(site.address, extra=OTHER), places, Silent())
    assert outcome.problem is not None
    assert "extra.onnx" in outcome.problem
    assert (places.models / "extra.onnx").read_bytes() == EXTRA


def test_what_is_only_offered_may_fail(places: Places) -> None:
    """A graph for a GPU that cannot be had stops nobody."""
    with serving(Site({"/base.onnx": BASE})) as site:
        outcome = build(manifest_at(site.address), places, Silent(), offered=ROOM)
    assert outcome.problem is not None
    assert (places.models / "base.onnx").exists()


def test_wrong_bytes_are_named_and_not_used(places: Places) -> None:
    """The hash in the manifest is held, also for a file out of a mirror."""
    mirror = places.cache.with_name("mirror")
    mirror.mkdir()
    (mirror / "base.onnx").write_bytes(BASE)
    (mirror / "extra.onnx").write_bytes(OTHER)
    with pytest.raises(Misconfigured, match=r"mirror/extra\.onnx has sha256"):
        build(manifest_at(NOWHERE), replace(places, mirror=mirror), Silent(), asked=ROOM)
    assert not (places.models / "extra.onnx").exists()


def test_an_interrupted_fetch_goes_on(places: Places) -> None:
    """The second build asks only for the rest of the file."""
    with serving(whole_site()) as site:
        manifest = manifest_at(site.address)
        build(manifest, places, Silent())
        site.cut_after_bytes = 5000
        with pytest.raises(Unavailable):
            build(manifest, places, Silent(), asked=ROOM)
        assert not (places.models / "extra.onnx").exists()
        build(manifest, places, Silent(), asked=ROOM)
        wanted = [range_ for path, range_ in site.asked if path == "/extra.onnx"]
    assert wanted[0] is None
    assert wanted[1] is not None
    assert (places.models / "extra.onnx").read_bytes() == EXTRA


def test_the_second_address_is_asked_when_the_first_one_fails(places: Places) -> None:
    """Whether it is silent or has other bytes."""
    with serving(Site({"/old": OTHER, "/right": EXTRA, "/base.onnx": BASE})) as site:
        for first in (f"{NOWHERE}/x", f"{site.address}/old"):
            manifest = manifest_at(site.address)
            urls = (first, f"{site.address}/right")
            source = msgspec.structs.replace(manifest.sources[1], urls=urls)
            manifest = msgspec.structs.replace(manifest, sources=(manifest.sources[0], source))
            where = replace(places, cache=places.cache / sha256(first.encode()))
            build(manifest, where, Silent(), asked=ROOM)
            forget(places.models, {"extra"})


def test_what_is_forgotten_is_gone(places: Places) -> None:
    """The file, too; and no later build brings it back."""
    with serving(whole_site()) as site:
        manifest = manifest_at(site.address)
        build(manifest, places, Silent(), asked=ROOM)
        forget(places.models, {"extra", "never built"})
        assert make_plan(manifest, places).is_empty
    assert not (places.models / "extra.onnx").exists()
    assert (places.models / "base.onnx").exists()


def test_a_damaged_option_is_not_passed_over(places: Places) -> None:
    """Who has chosen it is told, and does not go on without it unawares."""
    with serving(whole_site()) as site:
        manifest = manifest_at(site.address)
        build(manifest, places, Silent(), asked=ROOM)
    (places.models / "extra.onnx").write_bytes(EXTRA[:-1] + b"!")
    assert what_is_wrong(manifest, places) == ("extra is damaged",)
    assert [model.name for model in make_plan(manifest, places).models] == ["extra"]


def mirror_only(data: bytes) -> Source:
    """Describe a file that has no address."""
    return Source(
        name="extra_file",
        kind="mirror",
        purpose="weights",
        sha256=sha256(data),
        bytes=len(data),
        licence="Apache-2.0",
        mirror_name="extra.onnx",
        optional=True,
    )


def test_a_file_without_an_address_says_where_to_put_it(places: Places) -> None:
    """One sentence with the file's name and the setting."""
    with serving(whole_site()) as site:
        manifest = manifest_at(site.address)
        sources = (manifest.sources[0], mirror_only(EXTRA))
        manifest = msgspec.structs.replace(manifest, sources=sources)
        with pytest.raises(Unavailable, match=r"extra\.onnx has no public.*RAPT_MODELS_MIRROR"):
            build(manifest, places, Silent(), asked=ROOM)


def test_the_other_recipe_is_used_where_the_first_cannot_be(places: Places) -> None:
    """A mirror that has the file wins; and neither of both is stale afterwards."""
    other = msgspec.structs.replace(
        url_source("other_file", OTHER, f"{NOWHERE}/other.onnx"), optional=True
    )
    manifest = manifest_at(NOWHERE)
    model = msgspec.structs.replace(
        manifest.models[1], instead=Recipe(kind="onnx", made_of=("other_file",))
    )
    manifest = msgspec.structs.replace(
        manifest,
        sources=(manifest.sources[0], mirror_only(EXTRA), other),
        models=(manifest.models[0], model),
    )
    mirror = places.cache.with_name("mirror")
    mirror.mkdir()
    (mirror / "base.onnx").write_bytes(BASE)
    (mirror / "other.onnx").write_bytes(OTHER)
    places = replace(places, mirror=mirror)
    build(manifest, places, Silent(), asked=ROOM)
    assert (places.models / "extra.onnx").read_bytes() == OTHER
    (mirror / "extra.onnx").write_bytes(EXTRA)
    assert make_plan(manifest, places).is_empty
    forget(places.models, {"extra"})
    build(manifest, places, Silent(), asked=ROOM)
    assert (places.models / "extra.onnx").read_bytes() == EXTRA


def test_a_full_folder_has_everything(full_models: ModelFolder) -> None:
    """Nothing is missing, and the version names what is in use."""
    assert full_models.missing() == ()
    assert full_models.has("gaze")
    assert full_models.version.startswith("short_range+attention_mesh+gaze+expression+room/")
    assert not full_models.has("gaze", variant="gpu")


def test_a_bare_folder_says_what_it_lacks(tmp_path: Path) -> None:
    """One sentence for each option: what it gives, and how to get it."""
    lacking = ModelFolder(tmp_path).missing()
    assert len(lacking) == 3
    for sentence, name in zip(lacking, ("gaze", "expression", "room"), strict=True):
        assert sentence.endswith(f"run ./rapt models build --with {name}")
    assert not ModelFolder(tmp_path).has("gaze")
    with pytest.raises(Misconfigured, match=r"run \./rapt models build --with gaze"):
        ModelFolder(tmp_path).graph("gaze")


def test_a_corrupted_option_stops_the_start(full_models: ModelFolder, tmp_path: Path) -> None:
    """`has` still says yes, and `graph` says which command mends it."""
    folder = ModelFolder(tmp_path)
    for path in full_models.path.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = folder.graph("gaze")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert folder.has("gaze")
    with pytest.raises(Misconfigured, match=r"is damaged: run \./rapt models build --with gaze"):
        folder.graph("gaze")


def test_the_canonical_face_takes_the_place_of_ours(
    models: ModelFolder, full_models: ModelFolder
) -> None:
    """The same shape and partners, 33 points that count."""
    ours, canonical = models.reference_face(), full_models.reference_face()
    assert (canonical.weights > 0).sum() == 33
    assert (canonical.partners == ours.partners).all()
    assert abs(canonical.points - ours.points).max() < 0.15
    assert abs(canonical.points.mean(axis=0)).max() < 1e-6

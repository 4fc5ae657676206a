"""What is left to do."""

from pathlib import Path

import msgspec

from inference.models.files import put
from inference.models.manifest import Manifest, Model, read_manifest
from inference.models.places import Places
from inference.models.plan import make_plan
from inference.models.record import Built, Record, write_record
from tests.inference.models.toys import manifest_of, sha256, url_source

DATA = b"model"


def one_model(**source: bool) -> Manifest:
    """Return a manifest of one source and one model made of it."""
    weights = msgspec.structs.replace(url_source("weights", b"weights"), **source)
    model = Model(name="model", kind="tflite", file="model.onnx", made_of=("weights",))
    return msgspec.structs.replace(manifest_of(weights), models=(model,))


def built(folder: Path, manifest: Manifest) -> Places:
    """Return places where the model is built and the cache is empty."""
    places = Places(models=folder / "models", cache=folder / "cache")
    put(places.models / "model.onnx", DATA)
    model = Built("model.onnx", manifest.key(manifest.models[0]), sha256(DATA), len(DATA))
    write_record(places.models, Record(str(places.cache), {"model": model}))
    return places


def test_an_empty_machine_lacks_everything(tmp_path: Path) -> None:
    """Everything that is not optional, in the order of the manifest."""
    manifest = read_manifest()
    plan = make_plan(manifest, Places(models=tmp_path, cache=tmp_path))
    assert list(plan.models) == [model for model in manifest.models if not model.options]
    assert list(plan.sources) == [source for source in manifest.sources if not source.optional]
    assert not plan.is_empty


def test_a_source_stays_wanted_after_the_build(tmp_path: Path) -> None:
    """The cache keeps what tests compare with."""
    manifest = one_model()
    plan = make_plan(manifest, built(tmp_path, manifest))
    assert (plan.sources, plan.models) == (manifest.sources, ())


def test_an_optional_source_is_wanted_only_for_a_model(tmp_path: Path) -> None:
    """Once the model is made, nobody misses it."""
    manifest = one_model(optional=True)
    places = built(tmp_path, manifest)
    assert make_plan(manifest, places).is_empty
    (places.models / "model.onnx").unlink()
    plan = make_plan(manifest, places)
    assert (plan.sources, plan.models) == (manifest.sources, manifest.models)


def test_a_changed_manifest_makes_the_model_stale(tmp_path: Path) -> None:
    """Though its bytes are those that were recorded."""
    manifest = one_model()
    places = built(tmp_path, manifest)
    pinned = msgspec.structs.replace(manifest.models[0], sha256="0" * 64)
    plan = make_plan(msgspec.structs.replace(manifest, models=(pinned,)), places)
    assert plan.models == (pinned,)

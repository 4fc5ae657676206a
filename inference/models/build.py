"""What is left to do until every model is there, and how is each step done?

The plan is made from the manifest, the record of the last build and the cache. Each finished step
is written down before the next one starts, so a build that was interrupted goes on from there.
A step that fails leaves every older file in place.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapt.errors import Misconfigured, Unavailable

from inference.models.convert.converter import convert
from inference.models.derive import derive_reference_face
from inference.models.fetch import fetch
from inference.models.fetched import source_path
from inference.models.files import put
from inference.models.lock import only_builder
from inference.models.manifest import Manifest, Model
from inference.models.places import Places
from inference.models.plan import Plan, make_plan
from inference.models.progress import Teller
from inference.models.record import Built, Record, is_noted, read_record, write_record


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build did."""

    plan: Plan
    """What was missing before."""
    problem: str | None
    """Why a source that no model waits for is still missing, if one is."""


def build(manifest: Manifest, places: Places, teller: Teller) -> Outcome:
    """Fetch and make what is missing.

    A source that is only shown or compared with, and cannot be had now, stops nobody from using
    the models: a machine without a network serves what was built.

    Raises:
        Misconfigured: a file is not what the manifest says; older models stay as they were.
        Unavailable: something a model is made of could not be had; call again to go on.
    """
    problem = None
    with only_builder(places.cache):
        plan = make_plan(manifest, places)
        fetch(manifest, plan.ingredients, places, teller)
        for model in plan.models:
            verb = "converting" if model.kind == "converted" else "deriving"
            teller.step(f"{verb} {model.name}")
            _make(manifest, model, places)
        _note_cache(places)
        try:
            fetch(manifest, plan.sources, places, teller)
        except Unavailable as error:
            problem = str(error)
    return Outcome(plan, problem)


def _make(manifest: Manifest, model: Model, places: Places) -> None:
    inputs = [_input(manifest, places, name) for name in model.made_of]
    data = _converted(model, inputs) if model.kind == "converted" else _derived(model, inputs)
    found = hashlib.sha256(data).hexdigest()
    if model.sha256 is not None and found != model.sha256:
        raise Misconfigured(
            f"{model.file} came out with sha256 {found}, but must have {model.sha256}"
        )
    put(places.models / model.file, data)
    built = Built(model.file, manifest.key(model), found, len(data))
    record = read_record(places.models)
    models = {**record.models, model.name: built}
    write_record(places.models, Record(cache=str(places.cache), models=models))


def _converted(model: Model, inputs: list[Path]) -> bytes:
    try:
        return convert(inputs[0].read_bytes(), variant=model.variant)
    except Misconfigured as error:
        raise Misconfigured(f"{inputs[0].name}: {error}") from error


def _derived(model: Model, inputs: list[Path]) -> bytes:
    if model.name != "reference_face":
        raise Misconfigured(f"nothing is known about how {model.name} is derived")
    detector, mesh, *portraits = inputs
    return derive_reference_face(detector, mesh, portraits)


def _input(manifest: Manifest, places: Places, name: str) -> Path:
    for model in manifest.models:
        if model.name == name:
            return places.models / model.file
    return source_path(places.cache, manifest.source(name))


def _note_cache(places: Places) -> None:
    if not is_noted(places.models, places.cache):
        record = read_record(places.models)
        write_record(places.models, msgspec.structs.replace(record, cache=str(places.cache)))

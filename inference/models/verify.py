"""Is every byte of every model and source as it should be?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from inference.models.fetched import source_path
from inference.models.files import is_intact
from inference.models.manifest import Manifest, Model, OptionName, Source
from inference.models.places import Places
from inference.models.plan import chosen_before
from inference.models.record import Record, is_current, read_record

LICENCE = "Apache-2.0"
"""Of everything that we make: a converted graph keeps the licence of its weights."""

State = Literal["ready", "missing", "damaged", "stale", "not fetched"]
"""Stale: unharmed, but made from an older manifest. Not fetched: optional, and nobody wants it."""

_MADE: Mapping[str, str] = {
    "tflite": "converted from",
    "openvino": "converted from",
    "onnx": "taken as it is from",
    "derived": "derived from",
}


class Entry(msgspec.Struct, frozen=True):
    """One model or source, and how it is."""

    name: str
    state: State
    needed: bool
    """Whether anything fails without it."""
    file: str
    bytes: int
    sha256: str | None
    """None while a model that has no pinned hash is not built."""
    licence: str
    origin: str
    get: str
    """Command that adds it, if it is an option; else empty."""


def entries(manifest: Manifest, places: Places) -> tuple[Entry, ...]:
    """Look at every model and source; every hash is computed anew."""
    record = read_record(places.models)
    models = (_model(manifest, places, model, record) for model in manifest.models)
    return (*models, *(_source(manifest, places, source) for source in manifest.sources))


def what_is_wrong(manifest: Manifest, places: Places) -> tuple[str, ...]:
    """Return one clause for each needed thing that is not ready."""
    return tuple(
        f"{entry.name} is {entry.state}"
        for entry in entries(manifest, places)
        if entry.needed and entry.state != "ready"
    )


def _model(manifest: Manifest, places: Places, model: Model, record: Record) -> Entry:
    built = record.models.get(model.name)
    is_wanted = chosen_before(manifest, record).issuperset(model.options)
    state: State = "missing" if is_wanted else "not fetched"
    if built is not None:
        state = _state(places.models / built.file, built.bytes, built.sha256)
        if state == "ready" and not is_current(places.models, manifest, model, record):
            state = "stale"
    return Entry(
        name=model.name,
        state=state,
        needed=is_wanted,
        file=str(places.models / model.file),
        bytes=built.bytes if built else 0,
        sha256=built.sha256 if built else model.sha256,
        licence=LICENCE,
        origin=f"{_MADE[model.kind]} {', '.join(model.made_of)}",
        get=_command(manifest, model.options),
    )


def _source(manifest: Manifest, places: Places, source: Source) -> Entry:
    path = source_path(places.cache, source)
    state = _state(path, source.bytes, source.sha256)
    if source.optional and state == "missing":
        state = "not fetched"
    users = [
        model
        for model in manifest.models
        if any(source.name in form.made_of for form in model.forms)
    ]
    is_option = bool(users) and all(model.options for model in users)
    return Entry(
        name=source.name,
        state=state,
        needed=not source.optional,
        file=str(path),
        bytes=source.bytes,
        sha256=source.sha256,
        licence=source.licence,
        origin=_origin(manifest, source),
        get=_command(manifest, users[0].options) if is_option else "",
    )


def _origin(manifest: Manifest, source: Source) -> str:
    if source.kind == "wheel-member":
        return manifest.wheel(source.wheel).requirement
    return source.urls[0] if source.urls else "a mirror folder"


def _command(manifest: Manifest, options: Sequence[OptionName]) -> str:
    return manifest.option(options[0]).command if options else ""


def _state(path: Path, size_bytes: int, sha256: str) -> State:
    if not path.is_file():
        return "missing"
    return "ready" if is_intact(path, size_bytes=size_bytes, sha256=sha256) else "damaged"

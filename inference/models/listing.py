"""What models are there, and is every byte of them as it should be?"""

import sys
from typing import Any

import msgspec

from inference.models.fetched import is_cached
from inference.models.files import is_intact
from inference.models.manifest import Manifest, Model, Source
from inference.models.plan import Places
from inference.models.record import Record, is_current, read_record

LICENCE = "Apache-2.0"
"""Of everything that we make: a converted graph keeps the licence of its weights."""


def list_models(manifest: Manifest, places: Places, *, as_json: bool) -> int:
    """Print every model and source with its state; return 0."""
    rows = _rows(manifest, places)
    if as_json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
    else:
        for row in rows:
            line = f"{row['state']:9} {row['name']:30} {row['bytes']:>9} bytes  {row['origin']}"
            sys.stdout.write(f"{line}\n")
    return 0


def verify_models(manifest: Manifest, places: Places, *, as_json: bool) -> int:
    """Check every hash; print what is wrong; return 0 when nothing is, else 1."""
    wrong = [
        f"{row['name']} is {row['state']}"
        for row in _rows(manifest, places)
        if row["needed"] and row["state"] != "ready"
    ]
    if as_json:
        answer = {"ok": not wrong, "wrong": wrong}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    elif wrong:
        sys.stderr.write(f"models: {'; '.join(wrong)}; run ./rapt models build\n")
    else:
        sys.stdout.write(f"every model in {places.models} is as it should be\n")
    return 1 if wrong else 0


def _rows(manifest: Manifest, places: Places) -> list[dict[str, Any]]:
    """One row per model and source; the values are of several types."""
    record = read_record(places.models)
    models = [_model_row(manifest, places, model, record) for model in manifest.models]
    return models + [_source_row(manifest, places, source) for source in manifest.sources]


def _model_row(manifest: Manifest, places: Places, model: Model, record: Record) -> dict[str, Any]:
    built = record.models.get(model.name)
    state = "missing"
    if built is not None and (places.models / built.file).is_file():
        path = places.models / built.file
        is_whole = is_intact(path, size_bytes=built.bytes, sha256=built.sha256)
        state = "stale" if is_whole else "damaged"
        state = "ready" if is_current(places.models, manifest, model, record) else state
    return {
        "name": model.name,
        "state": state,
        "needed": True,
        "bytes": built.bytes if built else 0,
        "sha256": built.sha256 if built else None,
        "origin": f"{model.kind} from {', '.join(model.made_of)}",
        "licence": LICENCE,
    }


def _source_row(manifest: Manifest, places: Places, source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "state": "ready" if is_cached(places.cache, source) else "missing",
        "needed": source.is_picture and not source.optional,
        "bytes": source.bytes,
        "sha256": source.sha256,
        "origin": source.url or manifest.wheel(source.wheel).requirement,
        "licence": source.licence,
    }

"""What is left to do until every model is there, and how is each step done?

The plan is made from the manifest, the record of the last build and the cache. Each finished step
is written down before the next one starts, so a build that was interrupted goes on from there.
A step that fails leaves every older file in place.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapt.errors import Misconfigured, Unavailable

from inference.models.fetch import fetch
from inference.models.fetched import source_path
from inference.models.files import put
from inference.models.lock import only_builder
from inference.models.make import made
from inference.models.manifest import Manifest, Model, OptionName
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
    """Why something that nobody waits for is still missing, if anything is."""


def build(
    manifest: Manifest,
    places: Places,
    teller: Teller,
    *,
    asked: Collection[OptionName] = (),
    offered: Collection[OptionName] = (),
) -> Outcome:
    """Fetch and make what is missing.

    A source that is only shown or compared with, and cannot be had now, stops nobody from using
    the models: a machine without a network serves what was built. Neither does an option that
    was not asked for in this very build.

    Args:
        manifest: everything that could be built.
        places: where it is built.
        teller: hears each step.
        asked: options that must be there afterwards.
        offered: options that are built if they can be.

    Raises:
        Misconfigured: a file is not what the manifest says; older models stay as they were.
        Unavailable: something a model is made of could not be had; call again to go on.
    """
    with only_builder(places.cache):
        plan = make_plan(manifest, places, {*asked, *offered})
        work = _Work(manifest, places, plan, teller)
        work.make(plan.always)
        _note_cache(places)
        problems = [
            problem
            for options in dict.fromkeys(model.options for model in plan.optional)
            if (problem := work.try_option(options, is_asked=not {*options}.isdisjoint(asked)))
        ]
        try:
            fetch(manifest, [s for s in plan.sources if not s.optional], places, teller)
        except Unavailable as error:
            problems.append(str(error))
    return Outcome(plan, "; ".join(problems) or None)


@dataclass(frozen=True, slots=True)
class _Work:
    manifest: Manifest
    places: Places
    plan: Plan
    teller: Teller

    def make(self, models: Sequence[Model]) -> None:
        fetch(self.manifest, self.plan.ingredients(models), self.places, self.teller)
        for model in models:
            self.teller.step(f"{'converting' if model.is_graph else 'deriving'} {model.name}")
            _make(self.manifest, model, self.places)

    def try_option(self, options: tuple[OptionName, ...], *, is_asked: bool) -> str | None:
        """Make the models of an option; say why not, unless that stops the build."""
        models = [model for model in self.plan.optional if model.options == options]
        try:
            self.make(models)
        except (Misconfigured, Unavailable) as error:
            if is_asked:
                raise
            return str(error)
        return None


def _make(manifest: Manifest, model: Model, places: Places) -> None:
    inputs = [_input(manifest, places, name) for name in model.made_of]
    data = made(model, inputs)
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


def _input(manifest: Manifest, places: Places, name: str) -> Path:
    for model in manifest.models:
        if model.name == name:
            return places.models / model.file
    return source_path(places.cache, manifest.source(name))


def _note_cache(places: Places) -> None:
    if not is_noted(places.models, places.cache):
        record = read_record(places.models)
        write_record(places.models, msgspec.structs.replace(record, cache=str(places.cache)))

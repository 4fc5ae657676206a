"""What has to be fetched and made? Quick: hashes are read, no model library is imported."""

from collections.abc import Iterable
from dataclasses import dataclass

from inference.models.fetched import is_cached
from inference.models.manifest import Manifest, Model, OptionName, Source
from inference.models.places import Places
from inference.models.record import Record, is_current, read_record


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do; both empty when everything is up to date."""

    sources: tuple[Source, ...]
    models: tuple[Model, ...]

    @property
    def always(self) -> tuple[Model, ...]:
        """The models that everybody needs."""
        return tuple(model for model in self.models if not model.options)

    @property
    def optional(self) -> tuple[Model, ...]:
        """The models that were chosen."""
        return tuple(model for model in self.models if model.options)

    def ingredients(self, models: Iterable[Model]) -> tuple[Source, ...]:
        """Return the missing sources without which these models can not be made."""
        needed = {name for model in models for name in model.made_of}
        return tuple(source for source in self.sources if source.name in needed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.sources and not self.models


def make_plan(manifest: Manifest, places: Places, chosen: Iterable[OptionName] = ()) -> Plan:
    """Compare the manifest with what is there.

    Sources stay in the cache after the build: portraits are shown, the rest keeps tests honest.

    Args:
        manifest: everything that could be there.
        places: where it would be.
        chosen: options wanted now; those that were built before are kept up to date, too.
    """
    record = read_record(places.models)
    wanted = {*chosen, *chosen_before(manifest, record)}
    models = tuple(
        _form(manifest, places, model)
        for model in manifest.models
        if wanted.issuperset(model.options)
        and not is_current(places.models, manifest, model, record)
    )
    needed = {name for model in models for name in model.made_of}
    sources = tuple(
        source
        for source in manifest.sources
        if (source.name in needed or not source.optional) and not is_cached(places.cache, source)
    )
    return Plan(sources, models)


def _form(manifest: Manifest, places: Places, model: Model) -> Model:
    """The first form of a model of which everything can be had; else the first."""
    for form in model.forms:
        sources = [source for source in manifest.sources if source.name in form.made_of]
        if all(_can_be_had(source, places) for source in sources):
            return form
    return model


def _can_be_had(source: Source, places: Places) -> bool:
    """Say whether there is an address, or a file on this machine."""
    if source.kind != "mirror" or is_cached(places.cache, source):
        return True
    return places.mirror is not None and (places.mirror / source.file).is_file()


def chosen_before(manifest: Manifest, record: Record) -> frozenset[OptionName]:
    """Return the options of which something was built: whoever has it keeps it."""
    built = (model for model in manifest.models if model.name in record.models)
    return frozenset(option for model in built for option in model.options)

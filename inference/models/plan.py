"""What has to be fetched and made? Quick: hashes are read, no model library is imported."""

from dataclasses import dataclass

from inference.models.fetched import is_cached
from inference.models.manifest import Manifest, Model, Source
from inference.models.places import Places
from inference.models.record import is_current, read_record


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do; both empty when everything is up to date."""

    sources: tuple[Source, ...]
    models: tuple[Model, ...]

    @property
    def ingredients(self) -> tuple[Source, ...]:
        """The missing sources without which a model can not be made."""
        needed = {name for model in self.models for name in model.made_of}
        return tuple(source for source in self.sources if source.name in needed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.sources and not self.models


def make_plan(manifest: Manifest, places: Places) -> Plan:
    """Compare the manifest with what is there.

    Sources stay in the cache after the build: portraits are shown, the rest keeps tests honest.
    """
    record = read_record(places.models)
    models = tuple(
        model for model in manifest.models if not is_current(places.models, manifest, model, record)
    )
    needed = {name for model in models for name in model.made_of}
    sources = tuple(
        source
        for source in manifest.sources
        if (source.name in needed or not source.optional) and not is_cached(places.cache, source)
    )
    return Plan(sources, models)

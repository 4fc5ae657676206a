"""`./rapt models`: hands over to `python -m inference.models` with the data folder's models."""

from collections.abc import Sequence

from rapt.cli.handover import asks_for_help, become, option_of
from rapt.cli.place import Place


def run_models(place: Place, arguments: Sequence[str]) -> None:
    """List, build or verify; without `--models` those of the default data folder."""
    told = list(arguments) or ["--help"]
    if not asks_for_help(told) and option_of(told, "--models") is None:
        place.data.mkdir(mode=0o700, exist_ok=True)
        told += ["--models", str(place.data / "models")]
    become(place, "inference.models", told)

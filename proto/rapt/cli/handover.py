"""Commands that are programs of their own: this process becomes them."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from rapt.cli.place import Place
from rapt.errors import Misconfigured


def become(place: Place, module: str, arguments: Sequence[str]) -> None:
    """Replace this process by `python -m module`; signals reach it directly.

    Raises:
        Misconfigured: there is no such module.
    """
    if not _is_program(module):
        raise Misconfigured(f"{module} is not part of this installation")
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-P", "-m", module, *arguments]
    os.execve(sys.executable, command, dict(place.environ))


def _is_program(module: str) -> bool:
    """Tell whether `python -m module` would find something to run."""
    try:
        found = find_spec(module)
        is_package = found is not None and found.submodule_search_locations is not None
        return find_spec(f"{module}.__main__") is not None if is_package else found is not None
    except ModuleNotFoundError:  # of a parent
        return False


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Tell whether only help is wanted, for which nothing must be built."""
    return "--help" in arguments or "-h" in arguments


def option_of(arguments: Sequence[str], name: str) -> str | None:
    """Return the value of `--name VALUE` or `--name=VALUE`, None when it is not given."""
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(name + "="):
            return argument.partition("=")[2]
    return None

"""`python -m inference.models list | build | verify`: the models from the command line.

Heavy modules are imported by the command that needs them: saying that everything is up to date
takes a fraction of a second.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from rapt.config import load_config
from rapt.errors import RaptError

from inference.models.listing import list_models, verify_models
from inference.models.manifest import Manifest, read_manifest
from inference.models.plan import Places, Plan, make_plan

EXAMPLES = """examples:
  ./rapt models build                     fetch and convert what is missing
  ./rapt models build --mirror /mnt/files take the sources from a folder first
  ./rapt models list --json               what there is, for a program
  ./rapt models verify                    check every hash again

environment: RAPT_MODELS_MIRROR is the default of --mirror;
RAPT_CACHE (else XDG_CACHE_HOME/rapt, else ~/.cache/rapt) keeps what was downloaded.
"""


class ModelsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the environment says about models; prefix `RAPT_MODELS_`."""

    mirror: str | None = None
    """Folder with source files under their base names, asked before the network is."""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config(environ, ModelsConfig, prefix="RAPT_MODELS_")
        mirror = options.mirror or config.mirror
        places = Places(
            models=options.models,
            cache=cache_folder(environ),
            mirror=Path(mirror) if mirror else None,
        )
        return _run(options.command, read_manifest(), places, as_json=options.json)
    except RaptError as error:
        _say(str(error), as_json=options.json)
        return 1
    except OSError as error:
        _say(f"could not read or write: {error}", as_json=options.json)
        return 1


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return where sources are kept."""
    if environ.get("RAPT_CACHE"):
        return Path(environ["RAPT_CACHE"]).absolute() / "sources"
    home = environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "rapt" / "sources"


def _run(command: str, manifest: Manifest, places: Places, *, as_json: bool) -> int:
    if command == "list":
        return list_models(manifest, places, as_json=as_json)
    if command == "verify":
        return verify_models(manifest, places, as_json=as_json)
    plan = make_plan(manifest, places)
    if not plan.is_empty:
        from inference.models.build import build  # noqa: PLC0415 - slow, and mostly not needed
        from inference.models.progress import bars  # noqa: PLC0415 - the same

        with bars() as teller:
            plan = build(manifest, places, teller)
    _tell(plan, places, as_json=as_json)
    return 0


def _tell(plan: Plan, places: Places, *, as_json: bool) -> None:
    fetched = [source.name for source in plan.sources]
    made = [model.name for model in plan.models]
    if as_json:
        answer = {"ok": True, "models": str(places.models), "fetched": fetched, "made": made}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    elif plan.is_empty:
        sys.stdout.write(f"models in {places.models} are up to date\n")
    else:
        sys.stdout.write(f"models in {places.models} are ready: made {', '.join(made) or 'none'}\n")


def _say(problem: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode({"ok": False, "error": problem}).decode() + "\n")
    else:
        sys.stderr.write(f"models: {problem}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./rapt models",
        description="Fetch, convert and check the models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("list", "build", "verify"))
    parser.add_argument("--models", type=Path, default=Path(".rapt/models"), metavar="DIR")
    parser.add_argument("--mirror", metavar="DIR", help="folder with the source files")
    parser.add_argument("--json", action="store_true", help="answer with one line of JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

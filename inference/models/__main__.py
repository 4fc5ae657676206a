"""`python -m inference.models list | build | verify`: the models from the command line.

Heavy modules are imported by the command that needs them: saying that everything is up to date
takes a fraction of a second.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapt.config import load_config
from rapt.errors import RaptError

from inference.models.lock import only_builder
from inference.models.manifest import Manifest, OptionName, read_manifest
from inference.models.places import Places
from inference.models.plan import Plan, make_plan
from inference.models.record import forget, is_noted
from inference.models.verify import entries, what_is_wrong

EXAMPLES = """examples:
  ./rapt models build                     fetch and convert what is missing
  ./rapt models build --mirror /mnt/files take the sources from a folder first
  ./rapt models build --with gaze,room    add better estimators; they stay from then on
  ./rapt models build --without room      take one away again
  ./rapt models build --variant gpu       graphs for a GPU; built unasked where there is one
  ./rapt models list                      what there is, what there could be, and how to get it
  ./rapt models verify --json             check every hash again; answer for a program

what --with can add:
  gaze         two networks for gaze and open eyes (Intel, 4 MB)
  expression   52 visible movements of the face, and the canonical face (Google, 4 MB);
               read only where a policy allows expressions
  room         a detector for the small faces of a room camera (0.3 MB)

environment: RAPT_MODELS_MIRROR is the default of --mirror;
RAPT_CACHE (else XDG_CACHE_HOME/rapt, else ~/.cache/rapt) keeps what was downloaded.
"""


class ModelsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the environment says about models; prefix `RAPT_MODELS_`."""

    mirror: str | None = None
    """Folder with source files under their base names, asked before the network is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a command works on."""

    manifest: Manifest
    places: Places
    as_json: bool
    """Answer with one line of JSON instead of words."""
    asked: frozenset[OptionName] = frozenset()
    """Options that must be there afterwards."""
    offered: frozenset[OptionName] = frozenset()
    """Options to add if that is possible."""
    unwanted: frozenset[OptionName] = frozenset()
    """Options to take away."""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config(environ, ModelsConfig, prefix="RAPT_MODELS_")
        mirror = options.mirror or config.mirror
        places = Places(
            models=options.models.absolute(),
            cache=cache_folder(environ),
            mirror=Path(mirror).expanduser() if mirror else None,
            uv_index=environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL"),
        )
        manifest = read_manifest()
        unwanted = _options(manifest, options.without)
        order = Order(
            manifest,
            places,
            as_json=options.json,
            asked=_options(manifest, f"{options.add},{options.variant}"),
            offered=_options(manifest, "gpu" if has_device() else "") - unwanted,
            unwanted=unwanted,
        )
        return COMMANDS[options.command](order)
    except RaptError as error:
        return _fail(str(error), as_json=options.json)
    except OSError as error:
        return _fail(f"could not read or write: {error}", as_json=options.json)
    except KeyboardInterrupt:
        return _fail("stopped; run it again to go on", as_json=options.json)


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return where sources are kept."""
    if environ.get("RAPT_CACHE"):
        return Path(environ["RAPT_CACHE"]).absolute() / "sources"
    home = environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "rapt" / "sources"


def has_device() -> bool:
    """Say whether an NVIDIA driver is loaded, also that of Windows below Linux."""
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()


def _list(order: Order) -> int:
    found = entries(order.manifest, order.places)
    if order.as_json:
        _answer(found)
        return 0
    for entry in found:
        line = f"{entry.state:11} {entry.name:33} {entry.bytes:>8} bytes  {entry.origin}"
        how = f"; {entry.get}" if entry.get and entry.state == "not fetched" else ""
        sys.stdout.write(f"{line}  ({entry.licence}){how}\n")
    return 0


def _verify(order: Order) -> int:
    wrong = what_is_wrong(order.manifest, order.places)
    if order.as_json:
        _answer({"ok": not wrong, "wrong": wrong})
    elif wrong:
        sys.stderr.write(f"models: {'; '.join(wrong)}: run ./rapt models build\n")
    else:
        sys.stdout.write(f"every model in {order.places.models} is as it should be\n")
    return 1 if wrong else 0


def _build(order: Order) -> int:
    places, problem = order.places, None
    _take_away(order)
    plan = make_plan(order.manifest, places, order.asked | order.offered)
    if not plan.is_empty or not is_noted(places.models, places.cache):
        from inference.models.build import build  # noqa: PLC0415 - slow, and mostly not needed
        from inference.models.progress import bars  # noqa: PLC0415 - the same

        with bars() as teller:
            outcome = build(
                order.manifest, places, teller, asked=order.asked, offered=order.offered
            )
        plan, problem = outcome.plan, outcome.problem
    _tell(plan, places, problem, as_json=order.as_json)
    return 0


def _tell(plan: Plan, places: Places, problem: str | None, *, as_json: bool) -> None:
    wanted = [source.name for source in plan.sources]
    made = [model.name for model in plan.models]
    if as_json:
        answer = {"ok": True, "models": str(places.models), "wanted": wanted, "made": made}
        _answer(answer | {"problem": problem})
        return
    if problem is not None:
        sys.stderr.write(f"models: something that can wait is missing: {problem}\n")
    if plan.is_empty:
        sys.stdout.write(f"models in {places.models} are up to date\n")
    else:
        sys.stdout.write(f"models in {places.models} are ready; made {', '.join(made) or 'none'}\n")


def _take_away(order: Order) -> None:
    if not order.unwanted:
        return
    names = {m.name for m in order.manifest.models if not order.unwanted.isdisjoint(m.options)}
    with only_builder(order.places.cache):
        forget(order.places.models, names)


def _options(manifest: Manifest, text: str) -> frozenset[OptionName]:
    """Read names that stand between commas.

    Raises:
        Misconfigured: the manifest has no such option.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    return frozenset(manifest.option(name).name for name in names)


COMMANDS: Mapping[str, Callable[[Order], int]] = {
    "list": _list,
    "build": _build,
    "verify": _verify,
}


def _answer(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def _fail(problem: str, *, as_json: bool) -> int:
    if as_json:
        _answer({"ok": False, "error": problem})
    else:
        sys.stderr.write(f"models: {problem}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./rapt models",
        description="Fetch, convert and check the models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=sorted(COMMANDS), help="what to do")
    parser.add_argument(
        "--models",
        type=Path,
        default=Path(".rapt/models"),
        metavar="DIR",
        help="folder of the built models (default: .rapt/models)",
    )
    parser.add_argument("--mirror", metavar="DIR", help="folder with the source files")
    parser.add_argument(
        "--with", dest="add", default="", metavar="OPTIONS", help="build these, too: gaze,room"
    )
    parser.add_argument(
        "--without", default="", metavar="OPTIONS", help="take these away, and forget them"
    )
    parser.add_argument(
        "--variant",
        choices=["gpu"],
        default="",
        help="build graphs for GPUs, too (done unasked where an NVIDIA driver is loaded)",
    )
    parser.add_argument("--json", action="store_true", help="answer with one line of JSON")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a child is ended, too
    sys.exit(main(sys.argv[1:], os.environ))

"""`./rapt bench NAME`: runs one script of `benchmarks/`."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rapt.cli.handover import asks_for_help, become
from rapt.cli.place import Place
from rapt.cli.setup import prepare_models, prepare_pages
from rapt.errors import Misconfigured


def run_bench(place: Place, name: str | None, arguments: Sequence[str], console: Console) -> None:
    """Run the benchmark; without a name list them.

    Raises:
        Misconfigured: there is no benchmark of that name; lists those that are.
    """
    known = benchmarks_of(place.repository / "benchmarks")
    if name is None:
        console.print("Benchmarks, each run by ./rapt bench NAME:")
        for one, question in known.items():
            console.print(f"  [bold]{one:<20}[/] {question}")
        return
    if name not in known:
        raise Misconfigured(f"there is no benchmark {name}; known ones are {', '.join(known)}")
    if not asks_for_help(arguments):
        prepare_pages(place, console)
        prepare_models(place, place.data / "models")
    become(place, f"benchmarks.{name.replace('-', '_')}", arguments)


def benchmarks_of(folder: Path) -> dict[str, str]:
    """Return the question that each benchmark answers, by its name."""
    scripts = [path for path in sorted(folder.glob("*.py")) if "__main__" in path.read_text()]
    return {path.stem.replace("_", "-"): _first_line(path) for path in scripts}


def _first_line(script: Path) -> str:
    return script.read_text().partition("\n")[0].strip('"')

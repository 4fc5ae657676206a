"""Makes the committed files that follow from others, or tells which of them are stale.

Stubs follow from the .proto files, the tables of docs/configuration.md from the structs.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from rapt.cli.place import Place
from rapt.cli.settings import DOCUMENT, documented
from rapt.cli.setup import node_environ
from rapt.errors import Misconfigured

PYTHON_OUTPUTS = ("python", "mypy", "grpc_python", "mypy_grpc")


def generate_all(place: Place) -> None:
    """Write the stubs for Python and for the web app, and the tables of settings.

    Raises:
        Misconfigured: a .proto file or a tool is wrong; repeats what it said.
    """
    generate_python(place, place.repository / "proto")
    if (place.web / "node_modules").exists():
        generate_web(place, place.web)
    (place.repository / DOCUMENT).write_text(documented(place.repository))


def stale_files(place: Place) -> list[str]:
    """Return the committed files that differ from what their sources say now."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate_python(place, fresh)
        pairs = {file: place.repository / "proto" / file.relative_to(fresh) for file in _in(fresh)}
        if (place.web / "node_modules").exists():
            web = fresh / "web"
            generate_web(place, web)
            pairs |= {file: place.web / file.relative_to(web) for file in _in(web)}
        stale = [
            str(kept.relative_to(place.repository))
            for file, kept in pairs.items()
            if not kept.exists() or kept.read_bytes() != file.read_bytes()
        ]
    if documented(place.repository) != (place.repository / DOCUMENT).read_text():
        stale.append(DOCUMENT)
    return sorted(stale)


def generate_python(place: Place, target: Path) -> None:
    """Write messages, services and their types for Python under the target folder."""
    source = place.repository / "proto"
    files = [str(path) for path in sorted(source.glob("rapt/*/*.proto"))]
    outputs = [f"--{kind}_out={target}" for kind in PYTHON_OUTPUTS]
    environ = {**place.environ, "PATH": f"{place.binaries}:{place.environ.get('PATH', '')}"}
    _call(
        [sys.executable, "-P", "-m", "grpc_tools.protoc", f"-I{source}", *outputs, *files], environ
    )
    for empty in target.glob("rapt/v1/viewing_pb2_grpc.py*"):  # it has no service
        empty.unlink()


def generate_web(place: Place, target: Path) -> None:
    """Write the messages for TypeScript under `src/gen` of the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    command = ["npx", "--no-install", "buf", "generate", "--template", "buf.gen.yaml"]
    command += ["--output", str(target)]
    _call(command, node_environ(place), folder=place.web)


def _in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _call(command: list[str], environ: dict[str, str], folder: Path | None = None) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Misconfigured(f"{' '.join(command[:5])} … failed:\n{done.stdout}{done.stderr}")

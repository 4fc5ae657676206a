"""What travels to a bare machine beside the checkout: models, frames, and wheels for its Python.

Everything goes into folders `.gpu0`, `.gpu1`, ... of a bounded size each, since what travels at
once may be limited; wheels larger than a piece are cut. Git ignores those folders. `parts` puts the
wheels together again there. Versions are those of this environment, which the lock file decides.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
from rapt.errors import Misconfigured

from inference.models.pip import pips

PIECE_BYTES = 24 * 1024**2
FOLDER_BYTES = 50 * 1024**2
"""The checkout travels with each of them, and 64 MiB is a usual limit."""
PACKAGES = (
    "grpcio",
    "grpcio-health-checking",
    "grpcio-reflection",
    "httpx",
    "idna",
    "ml_dtypes",
    "msgspec",
    "onnx",
    "prometheus_client",
    "protobuf",
    "simplejpeg",
    "structlog",
    "typing_extensions",
)
"""What is imported beyond NumPy and OpenCV. Ours are newer than what such a machine may have: the
stubs of our wire refuse an older gRPC. ONNX counts the work of graphs, for shares of the peaks."""
GPU_PACKAGE = "onnxruntime-gpu"
PLATFORMS = tuple(f"manylinux_2_{minor}_x86_64" for minor in (17, 24, 26, 27, 28, 31, 34, 35))
OLD_PLATFORMS = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which wheels travel."""

    python: str
    """Of that machine, as in "3.12"."""
    has_gpu: bool = True
    """Whether the ONNX Runtime for GPUs travels, too."""


def wheels_into(first: Path, wanted: Wanted) -> list[Path]:
    """Download the wheels and spread them over `first` and the folders after it.

    Args:
        first: a folder whose name ends in 0; what is in it counts towards its size.
        wanted: which wheels.

    Returns:
        The folders that hold something.

    Raises:
        Misconfigured: the name does not end in 0, or a wheel is not to be had.
    """
    if not first.name.endswith("0"):
        raise Misconfigured(f"{first} must end in 0: folders after it are counted up")
    names = [f"{name}=={version(name)}" for name in PACKAGES]
    if wanted.has_gpu:
        names.append(f"{GPU_PACKAGE}=={ort.__version__}")
    with tempfile.TemporaryDirectory(prefix="rapt-wheels-") as name:
        _download(names, wanted.python, Path(name))
        return spread(sorted(Path(name).glob("*.whl")), first)


def spread(
    wheels: Sequence[Path],
    first: Path,
    *,
    piece_bytes: int = PIECE_BYTES,
    folder_bytes: int = FOLDER_BYTES,
) -> list[Path]:
    """Copy wheels, whole or in pieces, into as many folders as they need."""
    folders = [first]
    first.mkdir(parents=True, exist_ok=True)
    held = sum(path.stat().st_size for path in first.rglob("*") if path.is_file())
    for wheel in wheels:
        for name, piece in _pieces(wheel, piece_bytes):
            if held + len(piece) > folder_bytes and held:
                folders.append(first.with_name(f"{first.name[:-1]}{len(folders)}"))
                folders[-1].mkdir(exist_ok=True)
                held = 0
            (folders[-1] / name).write_bytes(piece)
            held += len(piece)
    return folders


def _pieces(wheel: Path, piece_bytes: int) -> list[tuple[str, bytes]]:
    """A wheel under its name, or its parts under theirs."""
    data = wheel.read_bytes()
    if len(data) <= piece_bytes:
        return [(wheel.name, data)]
    starts = range(0, len(data), piece_bytes)
    return [
        (f"{wheel.name}.part{number:02}", data[start : start + piece_bytes])
        for number, start in enumerate(starts)
    ]


def _download(names: Sequence[str], python: str, into: Path) -> None:
    pip = next(pips(into / "pip"), None)
    if pip is None:
        raise Misconfigured("no pip was found to fetch wheels with; install pip or uv")
    command = [*pip, "download", "--quiet", "--no-deps", "--dest", str(into)]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    for platform in (*PLATFORMS, *OLD_PLATFORMS):
        command += ["--platform", platform]
    try:
        subprocess.run([*command, *names], check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError) as error:
        raise Misconfigured(f"pip could not fetch wheels for Python {python}") from error

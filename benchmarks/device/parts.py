"""Packages that a bare machine lacks, from wheels that travelled in pieces beside the checkout.

Folders `.gpu0`, `.gpu1`, ... hold wheels, or pieces of wheels: NAME.whl.part00, .part01, ... (made
by `split -b 40M -d NAME.whl NAME.whl.part`), since what travels at once may be limited. Pieces of
one wheel may lie in several folders, and a folder that came earlier stays. `packing` makes them.
Nothing but the standard library is needed here.
"""

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

PATTERN = ".gpu*"
NEEDED = {
    "cv2": "opencv-python-headless",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "grpc_reflection": "grpcio-reflection",
    "httpx": "httpx",
    "idna": "idna",
    "msgspec": "msgspec",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime-gpu",
    "prometheus_client": "prometheus_client",
    "rapt": "proto/ on the PYTHONPATH",
    "simplejpeg": "simplejpeg",
    "structlog": "structlog",
}
"""What measuring cannot do without, by the module's name."""


def install(repository: Path, site: Path) -> list[str]:
    """Join the wheels, install them, and let this process and its children find them.

    Args:
        repository: where the folders are.
        site: new packages go here.

    Returns:
        Names of the wheels; none where there are no such folders.
    """
    folders = sorted(path for path in repository.glob(PATTERN) if path.is_dir())
    with tempfile.TemporaryDirectory() as name:
        wheels = joined(folders, Path(name))
        if not wheels:
            return []
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
        where = ["--no-compile", "--upgrade", "--target", str(site)]
        subprocess.run([*pip, *where, *map(str, wheels)], check=True)  # noqa: S603 - our own words
        names = [wheel.name for wheel in wheels]
    link_libraries(site)
    describe(repository, site)
    sys.path.insert(0, str(site))
    paths = [str(site), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    importlib.invalidate_caches()
    return names


def missing() -> list[str]:
    """Packages that have to be there and are not."""
    return [package for module, package in NEEDED.items() if not _is_there(module)]


def link_libraries(site: Path) -> None:
    """Show the CUDA libraries of packages that the machine has to those installed here.

    ONNX Runtime looks for the folder `nvidia` beside its own, and there alone.
    """
    for folder in map(Path, sys.path):
        if (folder / "nvidia").is_dir() and not (site / "nvidia").exists():
            (site / "nvidia").symlink_to((folder / "nvidia").resolve())


def describe(repository: Path, site: Path) -> None:
    """Write down our version as an installation would: a checkout has none to be asked for."""
    ours = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    info = site / f"{ours['name']}-{ours['version']}.dist-info"
    info.mkdir(exist_ok=True)
    words = f"Metadata-Version: 2.1\nName: {ours['name']}\nVersion: {ours['version']}\n"
    (info / "METADATA").write_text(words, "utf-8")


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is not there
        return False


def joined(folders: list[Path], into: Path) -> list[Path]:
    """Whole wheels: those that are, and those made of their pieces in order."""
    wheels: dict[str, Path] = {}
    pieces: dict[str, dict[str, Path]] = defaultdict(dict)
    for folder in folders:
        for path in sorted(folder.iterdir()):
            name, _, piece = path.name.partition(".whl.part")
            if path.suffix == ".whl":
                wheels[path.name] = path
            elif piece:
                pieces[f"{name}.whl"][piece] = path
    for name, parts in pieces.items():
        wheels[name] = into / name
        with wheels[name].open("wb") as whole:
            for piece in sorted(parts):
                whole.write(parts[piece].read_bytes())
    return [wheels[name] for name in sorted(wheels)]

"""NVIDIA's own load generator, perf_analyzer 2.51: where its parts come from, and how it is run.

The program lies in a wheel of Triton's client, the CUDA runtime that it insists on in another one
(no GPU is needed), and a small library in Debian's package `libb64-0d`: taken from the system, or
fetched as a file and unpacked into the cache, for which nobody needs to be root.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapt.errors import Misconfigured

from benchmarks.peers import cache, peer

LIBRARY = "libb64.so.0d"
PACKAGE = "libb64-0d"
SYSTEM = (Path("/usr/lib"), Path("/lib"), Path("/usr/local/lib"))
FETCH_S = 60.0


@dataclass(frozen=True, slots=True)
class Analyzer:
    """The program and what it needs around it."""

    program: Path
    libraries: tuple[Path, ...]

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the whole command."""
        return [str(self.program), *arguments]

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the environment that it runs in."""
        return {**environ, "LD_LIBRARY_PATH": ":".join(map(str, self.libraries))}


def analyzer(environ: Mapping[str, str] = os.environ) -> Analyzer:
    """Return perf_analyzer, fetched on first use.

    Raises:
        Misconfigured: this machine cannot run it, or a part cannot be had; says what to do.
    """
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise Misconfigured("perf_analyzer is built for Linux on x86-64 alone")
    environment = peer("perf_analyzer", environ)
    runtime = environment.packages / "nvidia/cuda_runtime/lib"
    program = environment.program("perf_analyzer")
    program.chmod(0o755)
    return Analyzer(program, (runtime, _library(cache(environ) / PACKAGE)))


def _library(kept: Path) -> Path:
    """Return the folder of the library."""
    for folder in (*SYSTEM, kept):
        found = next(folder.glob(f"**/{LIBRARY}"), None) if folder.is_dir() else None
        if found is not None:
            return found.parent
    apt, unpack = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or unpack is None:
        raise Misconfigured(f"perf_analyzer needs {LIBRARY}; install it with your package manager")
    kept.mkdir(parents=True, exist_ok=True)
    _call([apt, "download", PACKAGE], kept)
    for package in kept.glob("*.deb"):
        _call([unpack, "-x", str(package), str(kept)], kept)
    found = next(kept.glob(f"**/{LIBRARY}"), None)
    if found is None:
        raise Misconfigured(f"{PACKAGE} holds no {LIBRARY}; install it with apt-get")
    return found.parent


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=FETCH_S
    )
    if done.returncode != 0:
        raise Misconfigured(
            f"perf_analyzer needs {LIBRARY}: run apt-get update && apt-get install {PACKAGE}"
        )

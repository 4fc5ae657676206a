"""The first thing the launcher runs: makes the locked environment, then hands over to the CLI.

Runs on any Python 3.11 with the standard library alone, because nothing else is there yet.
What was made is remembered in `.setup/environment.json`, written only after success, so an
interrupted set-up is repeated and a finished one costs a hash of the lock file.
A file lock keeps two launches apart; the kernel frees it when its holder dies.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

UV_VERSION = "0.13.8"
NODE_VERSION = (20, 19)  # the oldest that the web build's tools take
EXTRAS = ("gateway", "inference", "analytics", "store", "models", "valkey", "demo", "traces")
DEV_COMMANDS = ("test", "bench", "generate")
NO_REPORTS = {"DO_NOT_TRACK": "1", "ORT_DISABLE_TELEMETRY": "1"}
"""What we start tells nobody that it was started."""
LEASH = Path(__file__).parents[1] / "leash.py"
CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS
)


class SetupFailed(Exception):
    """One sentence for the person at the terminal: what is missing, what to do."""


def say(text: str) -> None:
    """Print one progress line."""
    print(f"rapt: {text}", file=sys.stderr, flush=True)  # noqa: T201  this is the terminal


def has_nvidia_driver() -> bool:
    """Tell whether a GPU of NVIDIA can be used here."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def has_node() -> bool:
    """Tell whether a Node that can build the web app is on the path, with its npm."""
    return shutil.which("npm") is not None and version_of("node") >= NODE_VERSION


def version_of(program: str | Path) -> tuple[int, ...]:
    """Return what `program --version` says as numbers, (0,) when it does not run."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return (0,)
    found = re.search(r"\d+(\.\d+)+", answer.stdout)
    return tuple(int(part) for part in found[0].split(".")) if found else (0,)


def wanted_parts(folder: Path, arguments: Sequence[str]) -> dict[str, object]:
    """Return what the environment must hold; equal values need no new set-up.

    Once the development tools are there they stay, or `up` would undo what `test` needs.
    """
    extras = [*EXTRAS, "gpu" if has_nvidia_driver() else "cpu"]
    if not has_node():
        extras.append("node")
    wants_ray = not {"ray", "--pool=ray"}.isdisjoint(arguments)
    if wants_ray or any((folder / ".venv").glob("lib/python*/site-packages/ray")):
        extras.append("ray")  # large, and asked for by few; once there it stays
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock"):
        digest.update((folder / name).read_bytes())
    wants_dev = bool(arguments) and arguments[0] in DEV_COMMANDS
    return {
        "folder": str(folder),
        "locked": digest.hexdigest(),
        "extras": extras,
        "dev": wants_dev or (folder / ".venv/bin/pytest").exists(),
    }


def is_made(folder: Path, parts: dict[str, object]) -> bool:
    """Tell whether the environment already holds these parts."""
    stamp = folder / ".setup/environment.json"
    return (folder / ".venv/bin/python").exists() and read_stamp(stamp) == parts


def read_stamp(stamp: Path) -> dict[str, object]:
    """Return what the stamp says was made; nothing when it is missing or damaged."""
    try:
        kept: dict[str, object] = json.loads(stamp.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return kept


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the set-up lock of this checkout; wait for whoever has it."""
    (folder / ".setup").mkdir(exist_ok=True)
    with (folder / ".setup/lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another launch is setting up this checkout; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def call(command: Sequence[str | Path], *, environ: dict[str, str], problem: str) -> None:
    """Run a step with its own output on the terminal; a failure becomes one sentence."""
    # what we start ends with us, or the next launch would meet it
    leash = [base_python(), "-I", "-S", str(LEASH), str(os.getpid())]
    done = subprocess.run(
        [*leash, *map(str, command)], env=environ, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise SetupFailed(f"{problem} (exit status {done.returncode})")


def find_uv(folder: Path, environ: dict[str, str]) -> Path:
    """Return a uv that reads our lock: the one on the path if it is new enough, else our own."""
    needed = tuple(int(part) for part in UV_VERSION.split("."))
    on_path = shutil.which("uv")
    if on_path is not None and version_of(on_path) >= needed:
        return Path(on_path)
    ours = folder / ".uv/bin/uv"
    if version_of(ours) != needed:
        fetch_uv(folder, environ)
    return ours


def fetch_uv(folder: Path, environ: dict[str, str]) -> None:
    """Install the pinned uv into `.uv/` of the checkout, replacing whatever is half there."""
    say(f"fetching uv {UV_VERSION}")
    home = folder / ".uv"
    shutil.rmtree(home, ignore_errors=True)
    made = subprocess.run(
        [base_python(), "-I", "-m", "venv", home],
        env=environ,
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        raise SetupFailed(
            "this Python cannot make a virtual environment; install its venv module"
            " (on Debian and Ubuntu: python3-venv), or install uv (https://docs.astral.sh/uv)"
        )
    call(
        [home / "bin/python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"],
        environ=environ,
        problem=f"pip could not fetch uv {UV_VERSION}; check the network or install uv yourself",
    )


def base_python() -> str:
    """Return the Python outside any virtual environment, so that it outlives ours."""
    base: str = getattr(sys, "_base_executable", sys.executable)
    return base


def make(folder: Path, parts: dict[str, object], environ: dict[str, str]) -> None:
    """Make `.venv` as the lock says, then write the stamp."""
    stamp = folder / ".setup/environment.json"
    if read_stamp(stamp).get("folder", str(folder)) != str(folder):
        shutil.rmtree(folder / ".venv", ignore_errors=True)  # its programs carry the old path
    stamp.unlink(missing_ok=True)
    uv = find_uv(folder, environ)
    say("making the environment .venv from uv.lock")
    command = [str(uv), "sync", "--frozen", "--project", str(folder), "--python", base_python()]
    command.append("--compile-bytecode")  # or the first start would take twice as long
    extras = parts["extras"]
    assert isinstance(extras, list)  # noqa: S101  we made it
    for extra in extras:
        command += ["--extra", extra]
    if parts["dev"]:
        command += ["--group", "dev"]
    call(
        command,
        environ=trusting(environ) | {"UV_PROJECT_ENVIRONMENT": str(folder / ".venv")},
        problem="uv could not make the environment; the lines above say why; run this again",
    )
    part = stamp.with_suffix(".part")
    part.write_text(json.dumps(parts))
    part.replace(stamp)


def trusting(environ: dict[str, str]) -> dict[str, str]:
    """Let uv and Node trust whom this machine trusts: many schools read their network's TLS.

    Both bring certificates of their own, and use those where the machine has none.
    """
    bundle = next((path for path in CERTIFICATES if Path(path).is_file()), None)
    if bundle is None:
        return environ
    return {"UV_SYSTEM_CERTS": "true", "NODE_EXTRA_CA_CERTS": bundle} | environ


def prepare(folder: Path, arguments: Sequence[str], environ: dict[str, str]) -> None:
    """Make the environment unless it is there already."""
    if is_made(folder, wanted_parts(folder, arguments)):
        return
    with only_one(folder):
        parts = wanted_parts(folder, arguments)  # the launch we waited for may have made it
        if not is_made(folder, parts):
            make(folder, parts, environ)


def main() -> None:
    """Set up, then become the command line."""
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    environ = dict(os.environ)
    environ.pop("VIRTUAL_ENV", None)  # somebody else's; uv would warn about it
    environ |= NO_REPORTS
    try:
        prepare(folder, arguments, environ)
    except SetupFailed as problem:
        say(str(problem))
        sys.exit(1)
    except KeyboardInterrupt:
        say("stopped; run the same command again to go on")
        sys.exit(130)
    python = str(folder / ".venv/bin/python")
    os.execve(python, [python, "-P", "-m", "rapt", *arguments], environ)


if __name__ == "__main__":
    main()

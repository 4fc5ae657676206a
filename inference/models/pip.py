"""How is one wheel file downloaded by its hash, from whichever index the user has set up?

pip knows the user's index, mirror, proxy and certificates, so pip does it. An environment made by
uv has no pip inside. The first of these that starts is used:
1. the pip of the running Python;
2. the pip of a private environment in the cache, made with `python -m venv` (needs ensurepip);
3. a pip on the PATH;
4. uv, which can run pip as a tool.
The running environment is never changed, and the wheel is never installed.
An index that only uv was told about is asked when pip's own does not have the wheel.
"""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapt.errors import Misconfigured, Unavailable
from rapt.leash import leashed

from inference.models.files import is_intact
from inference.models.manifest import Wheel

Command = tuple[str, ...]

_TIMEOUT_S = 1800.0  # 36 MB over a line of 200 kbit/s
_WRONG_HASH = "DO NOT MATCH THE HASHES"
_NO_PIP = (
    "no pip was found to download models with; install python3-venv, pip or uv, "
    "or put the files into a folder and name it in RAPT_MODELS_MIRROR"
)


def download_wheel(wheel: Wheel, folder: Path, *, uv_index: str | None = None) -> Path:
    """Return the wheel's file in the folder, downloaded unless it is already there.

    Args:
        wheel: which file of which release.
        folder: where wheels lie; the private pip is made beside it.
        uv_index: address of a package index that uv was told about.

    Raises:
        Misconfigured: there is no pip, or the index has another file under that name.
        Unavailable: no index could be reached, or none has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = _find(wheel, folder)
    if there is None:
        _download(wheel, folder, [None] if uv_index is None else [None, uv_index])
        there = _find(wheel, folder)
    if there is None:
        raise Misconfigured(f"pip brought another file than the {wheel.requirement} we know")
    return there


def pips(private: Path) -> Iterator[Command]:
    """Yield every pip that starts, the nearest first; nothing is made before it is needed."""
    if importlib.util.find_spec("pip") is not None:
        yield (sys.executable, "-m", "pip")
    own = (str(private / "bin" / "python"), "-m", "pip")
    if starts(own) or (make_environment(private) and starts(own)):
        yield own
    for name, *rest in (("pip3",), ("pip",), ("uv", "tool", "run", "pip")):
        found = shutil.which(name)
        if found is not None and starts((found, *rest)):
            yield (found, *rest)


def starts(pip: Command) -> bool:
    """Say whether that pip can be run at all."""
    return _run([*pip, "--version"]).returncode == 0


def make_environment(folder: Path) -> bool:
    """Make an environment that holds nothing but pip; say whether that went well."""
    made = _run([sys.executable, "-m", "venv", "--clear", str(folder)]).returncode == 0
    if not made:
        shutil.rmtree(folder, ignore_errors=True)
    return made


def _download(wheel: Wheel, folder: Path, indexes: Sequence[str | None]) -> None:
    pip = next(pips(folder.parent / "pip"), None)
    if pip is None:
        raise Misconfigured(_NO_PIP)
    problem = ""
    for index in indexes:
        done = _ask(pip, wheel, folder, index)
        if done.returncode == 0:
            return
        if _WRONG_HASH in done.stderr:
            raise Misconfigured(f"the index has another file as {wheel.requirement}: wrong sha256")
        problem = problem or _last_line(done.stderr)
    raise Unavailable(
        f"pip could not download {wheel.requirement} ({problem}); "
        "check the network and the package index, then repeat"
    )


def _ask(
    pip: Command, wheel: Wheel, folder: Path, index: str | None
) -> subprocess.CompletedProcess[str]:
    wanted = f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n"
    if index is not None:
        wanted = f"--index-url {index}\n{wanted}"  # may hold a password: not for the process list
    with tempfile.TemporaryDirectory() as private:
        file = Path(private) / "requirements.txt"
        file.write_text(wanted, "utf-8")
        return _run([*pip, *_arguments(wheel), "--dest", str(folder), "--requirement", str(file)])


def _arguments(wheel: Wheel) -> list[str]:
    arguments = ["download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    arguments += ["--require-hashes", "--only-binary=:all:", "--implementation", "cp"]
    arguments += ["--python-version", wheel.python, "--abi", f"cp{wheel.python.replace('.', '')}"]
    for platform in wheel.platforms:
        arguments += ["--platform", platform]
    return arguments


def _find(wheel: Wheel, folder: Path) -> Path | None:
    for path in sorted(folder.glob("*.whl")):
        if is_intact(path, size_bytes=wheel.bytes, sha256=wheel.sha256):
            return path
    return None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - our own arguments, no shell
            leashed(command), check=False, capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} took longer than {_TIMEOUT_S:.0f} s") from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("ERROR: ") if lines else "it gave no reason"

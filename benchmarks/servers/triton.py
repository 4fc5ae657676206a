"""Triton 2.51 as it comes with nvidia-pytriton: the server, and a Python backend for the model.

Nothing is compiled and no root is needed; a few files must be put in their places first.

It gets one unary call per frame. With one ModelStreamInfer per student this release dies of a
segmentation fault within seconds (in the release of a request, from 150 open streams on), so that
there would be nothing to compare.
"""

import json
import shutil
import stat
import subprocess
from pathlib import Path

from rapt.cli.ports import free_ports
from rapt.errors import Misconfigured

from benchmarks.load.job import Speech, Target
from benchmarks.peers import Peer, peer
from benchmarks.servers.inside import sleep_model
from benchmarks.servers.server import Recipe, Setting, answers_at

INSIDE = Path(__file__).with_name("inside")
QUEUE_TIMEOUT_S = 0.110
"""Tuned by hand for a limit of 200 ms from the capture: a frame that waited longer is rejected."""

QUEUE_DELAY_S = 0.002
_CONFIG = """
name: "{name}"
backend: "python"
max_batch_size: {max_batch}
input [{{ name: "IMAGE" data_type: TYPE_UINT8 dims: [{frame_bytes}] }}]
output [{{ name: "VERDICT" data_type: TYPE_FP32 dims: [8] }}]
instance_group [{{ kind: KIND_CPU count: 1 }}]
parameters [
  {{ key: "scale" value {{ string_value: "{scale}" }} }},
  {{ key: "counts" value {{ string_value: "{counts}" }} }}
]
dynamic_batching {{ {batching} }}
"""
_TUNED = """
  max_queue_delay_microseconds: {delay_us}
  default_queue_policy {{
    timeout_action: REJECT
    default_timeout_microseconds: {timeout_us}
  }}
"""


def recipe(folder: Path, setting: Setting) -> Recipe:
    """Return how it is started.

    Raises:
        Misconfigured: the environment could not be made, or Python has no shared library.
    """
    environment = peer("triton")
    server = environment.packages / "pytriton/tritonserver"
    http, grpc = free_ports(2)
    counts = folder / "triton.counts"
    _lay_out_model(folder, setting, counts)
    backends = _lay_out_backend(folder, server, environment)
    program = _executable(server / "bin/tritonserver")
    command = [str(program), "--model-repository", str(folder / "models")]
    command += ["--backend-directory", str(backends), "--allow-metrics", "false"]
    command += ["--http-address", "127.0.0.1", "--http-port", str(http)]
    command += ["--grpc-address", "127.0.0.1", "--grpc-port", str(grpc)]
    return Recipe(
        name=setting.name("triton"),
        command=command,
        target=Target(speech=Speech.OIP_UNARY, address=f"127.0.0.1:{grpc}"),
        probe=answers_at(f"http://127.0.0.1:{http}/v2/health/ready"),
        counts=counts,
        environ={"LD_LIBRARY_PATH": f"{libraries(environment)}:{_python(environment)[1]}"},
        folder=folder,
    )


def libraries(environment: Peer) -> Path:
    """Return the folder of the libraries that Triton brings along."""
    return environment.packages / "nvidia_pytriton.libs"


def _lay_out_model(folder: Path, setting: Setting, counts: Path) -> None:
    place = folder / "models" / sleep_model.MODEL / "1"
    place.mkdir(parents=True)
    shutil.copy(INSIDE / "triton_model.py", place / "model.py")
    shutil.copy(INSIDE / "sleep_model.py", place / "sleep_model.py")
    tuned = _TUNED.format(
        delay_us=round(1e6 * QUEUE_DELAY_S), timeout_us=round(1e6 * QUEUE_TIMEOUT_S)
    )
    config = _CONFIG.format(
        name=sleep_model.MODEL,
        max_batch=sleep_model.MAX_BATCH,
        frame_bytes=len(setting.picture),
        scale=setting.scale,
        counts=counts,
        batching=tuned if setting.is_tuned else "",
    )
    (place.parent / "config.pbtxt").write_text(config)


def _lay_out_backend(folder: Path, server: Path, environment: Peer) -> Path:
    """Put the stub for our Python, and the numpy that it wants, beside the backend."""
    place = folder / "backends/python"
    shutil.copytree(server / "backends/python", place)
    version, _ = _python(environment)
    stub = server / f"python_backend_stubs/{version}/triton_python_backend_stub"
    if not stub.exists():
        raise Misconfigured(f"Triton has no backend for Python {version}; run this with 3.11")
    shutil.copy(stub, place)
    _executable(place / stub.name)
    for name in ("numpy", "numpy.libs"):
        (place / name).symlink_to(environment.packages / name)
    return place.parent


def _python(environment: Peer) -> tuple[str, str]:
    """Return the version of the environment's Python and the folder of its shared library.

    Raises:
        Misconfigured: it has none.
    """
    asked = (
        "import json, sys, sysconfig; print(json.dumps(['%d.%d' % sys.version_info[:2],"
        " sysconfig.get_config_var('LIBDIR'), sysconfig.get_config_var('INSTSONAME')]))"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [environment.python, "-c", asked], capture_output=True, text=True, check=True
    )
    version, folder, name = json.loads(done.stdout)
    if not (Path(folder) / name).exists() or ".so" not in name:
        raise Misconfigured(
            f"Triton's backend needs a Python {version} with a shared library, and {folder} has"
            " none; run this with the system's Python"
        )
    return version, folder


def _executable(program: Path) -> Path:
    """Wheels forget that a file is a program."""
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program

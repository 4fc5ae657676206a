"""Where do networks run? Execution providers of ONNX Runtime, and sessions opened on them.

Provider "cpu" and "cuda" are taken literally; "auto" is CUDA when this ONNX Runtime has it and a
device answers, else CPU. CUDA that was asked for and is not there stops the start.
"""

import ctypes
from pathlib import Path
from typing import Any, Literal

import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
from rapt.errors import Misconfigured

from inference.perception.buckets import CPU_BUCKETS, CUDA_BUCKETS

Provider = Literal["auto", "cpu", "cuda"]

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"
CUDA_OPTIONS = {
    "cudnn_conv_algo_search": "HEURISTIC",  # EXHAUSTIVE tunes every new shape for a second
    "arena_extend_strategy": "kSameAsRequested",
    "do_copy_in_default_stream": "1",  # 0 risks races
    "gpu_mem_limit": str(4 * 1024**3),
    "use_tf32": "0",  # 10 bits of mantissa: landmarks would leave the bound of parity
}
ERRORS_ONLY = 3
MAX_THREADS = 64
"""Of one worker; a batch has no more frames to hand out."""


def buckets_of(provider: str) -> tuple[int, ...]:
    """Name the batch sizes that a network runs there, ascending."""
    return CUDA_BUCKETS if provider == CUDA_PROVIDER else CPU_BUCKETS


def choose_provider(wanted: Provider) -> str:
    """Name the execution provider.

    Raises:
        Misconfigured: CUDA was asked for and is not there.
    """
    if wanted == "cpu":
        return CPU_PROVIDER
    has_provider = CUDA_PROVIDER in ort.get_available_providers()
    if has_provider and _has_cuda_device():
        preload = getattr(ort, "preload_dlls", None)
        if preload is not None:
            preload()
        return CUDA_PROVIDER
    if wanted == "cuda":
        missing = "device answers" if has_provider else "support is in this ONNX Runtime"
        raise Misconfigured(f"CUDA was asked for and no CUDA {missing}; use the extra `gpu`")
    return CPU_PROVIDER


def threads_for(provider: str, cores: float) -> int:
    """Return how many threads a worker uses unless it was told: pure.

    Beside a GPU every core decodes and cuts while the networks run elsewhere. Where the processor
    runs the networks, too, more cores are for more workers.

    Args:
        provider: what runs the networks.
        cores: that the worker may use, its share of the machine.
    """
    return max(1, min(int(cores), MAX_THREADS)) if provider == CUDA_PROVIDER else 1


def open_session(path: Path, provider: str, threads: int, *, is_captured: bool = False) -> Any:
    """An `ort.InferenceSession`, whose stubs are incomplete.

    Args:
        path: ONNX file.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: inside one run, CPU only.
        is_captured: replay each bucket as one CUDA graph; then no node may be left to the CPU.

    Raises:
        Misconfigured: it does not run there.
    """
    options = ort.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = threads if provider == CPU_PROVIDER else 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers: list[Any] = [CPU_PROVIDER]
    if provider == CUDA_PROVIDER:
        graph = {"enable_cuda_graph": "1"} if is_captured else {}
        providers.insert(0, (CUDA_PROVIDER, CUDA_OPTIONS | graph))
    session = ort.InferenceSession(str(path), options, providers=providers)
    if provider not in session.get_providers():
        raise Misconfigured(
            f"{path.name} does not run on {provider}; is there a driver and a device?"
        )
    return session


def _has_cuda_device() -> bool:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(devices)) != 0:
        return False
    return devices.value > 0

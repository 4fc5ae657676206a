"""One ONNX Runtime session per model, fed with padded batches of known sizes.

Provider "cpu" and "cuda" are taken literally; "auto" is CUDA when this ONNX Runtime has it and a
device answers, else CPU. CUDA that was asked for and is not there stops the start.
A network is used by one thread at a time: its input buffer is made once and written over.
"""

import ctypes
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
from rapt.errors import Misconfigured

from inference.perception.buckets import CPU_BUCKETS, CUDA_BUCKETS, plan_buckets
from inference.stages import StageRun

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Provider = Literal["auto", "cpu", "cuda"]

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"
CUDA_OPTIONS = {
    "cudnn_conv_algo_search": "HEURISTIC",  # EXHAUSTIVE tunes every new shape for a second
    "arena_extend_strategy": "kSameAsRequested",
    "do_copy_in_default_stream": "1",  # 0 risks races
    "gpu_mem_limit": str(4 * 1024**3),
}
ERRORS_ONLY = 3
MAX_KEPT_RUNS = 256  # far more than one batch makes


@dataclass(frozen=True, slots=True)
class InputContract:
    """What a network was trained to be fed with: square RGB pictures, (N, side, side, 3)."""

    side_px: int
    scale: float
    """Factor from 0..255."""
    offset: float
    """Added after that."""


class Network:
    """One model on one device.

    Args:
        path: ONNX file, batch axis free.
        contract: of its input.
        provider: `CPU_PROVIDER` or `CUDA_PROVIDER`.
        threads: threads inside one run, CPU only.
        stage: what its runs are called; without it the name of the file.
    """

    def __init__(
        self,
        path: Path,
        contract: InputContract,
        *,
        provider: str,
        threads: int,
        stage: str | None = None,
    ) -> None:
        self.stage = stage or path.stem
        self._runs: deque[StageRun] = deque(maxlen=MAX_KEPT_RUNS)
        on_cuda = provider == CUDA_PROVIDER
        self._buckets = buckets_of(provider)
        self._max_waste = 1.0 if on_cuda else 0.25
        self._scale, self._offset = np.float32(contract.scale), np.float32(contract.offset)
        self._session = open_session(path, provider, threads)
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]
        side = contract.side_px
        self._buffer = np.zeros((self._buckets[-1], side, side, 3), np.float32)

    def warm(self) -> None:
        """Run every bucket once, so that no frame pays for it."""
        for size in self._buckets:
            self._session.run(self._outputs, {self._input: self._buffer[:size]})

    def run(self, pixels: U8) -> Mapping[str, F32]:
        """Run any number of pictures.

        Args:
            pixels: (N, side, side, 3) RGB, N >= 1.

        Returns:
            (N, ...) by output name.
        """
        parts: list[list[F32]] = []
        start = 0
        for size in plan_buckets(len(pixels), self._buckets, max_waste=self._max_waste):
            stop = min(start + size, len(pixels))
            rows = self._buffer[: stop - start]
            np.multiply(pixels[start:stop], self._scale, out=rows)
            if self._offset:
                rows += self._offset
            began_s = time.perf_counter()
            outputs = self._session.run(self._outputs, {self._input: self._buffer[:size]})
            run_s = time.perf_counter() - began_s
            self._runs.append(StageRun(self.stage, size, stop - start, run_s))
            parts.append([output[: stop - start] for output in outputs])
            start = stop
        joined = (
            parts[0] if len(parts) == 1 else [np.concatenate(p) for p in zip(*parts, strict=True)]
        )
        return dict(zip(self._outputs, joined, strict=True))

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call, warm-up left out."""
        runs = list(self._runs)
        self._runs.clear()
        return runs


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


def _has_cuda_device() -> bool:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(devices)) != 0:
        return False
    return devices.value > 0


def open_session(path: Path, provider: str, threads: int) -> Any:
    """An `ort.InferenceSession`, whose stubs are incomplete."""
    options = ort.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers: list[Any] = [CPU_PROVIDER]
    if provider == CUDA_PROVIDER:
        providers.insert(0, (CUDA_PROVIDER, CUDA_OPTIONS))
    session = ort.InferenceSession(str(path), options, providers=providers)
    if provider not in session.get_providers():
        raise Misconfigured(
            f"{path.name} does not run on {provider}; is there a driver and a device?"
        )
    return session

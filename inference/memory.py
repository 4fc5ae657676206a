"""How much memory does the device of this process have, and use? Asked when somebody looks.

The GPU that CUDA calls the first: the one that the networks run on. Without a GPU the memory is
this process's own. Nothing is imported for it, and a driver that does not answer is left out.
"""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

NAME = "rapt_device_memory_bytes"
_DRIVER = "libcuda.so.1"
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one device."""

    used: int
    total: int


class MemoryCollector(Collector):
    """Shows the memory of the device under `NAME`, by `kind`: used, total."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.is_gpu = False
        """Whether the networks run on CUDA; set once that is known."""
        registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look now."""
        family = GaugeMetricFamily(NAME, "Memory of the device", labels=["kind"])
        memory = gpu_memory() if self.is_gpu else own_memory()
        if memory is not None:
            family.add_metric(["used"], memory.used)
            family.add_metric(["total"], memory.total)
        yield family


def own_memory() -> Memory | None:
    """Return what this process has in memory, and what the machine has; only Linux says it."""
    with suppress(OSError, ValueError, IndexError):
        resident = int(_STATM.read_text().split()[1]) * getpagesize()
        lines = Path("/proc/meminfo").read_text().splitlines()
        total_kb = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal:"))
        return Memory(resident, total_kb * 1024)
    return None


def gpu_memory(driver: Any = None) -> Memory | None:
    """Return the memory of CUDA's first device, all processes on it together.

    Args:
        driver: CUDA's driver library, whose functions are made when they are called; None = the
            machine's.
    """
    try:
        cuda = driver or ctypes.CDLL(_DRIVER)
    except OSError:
        return None
    device, context = ctypes.c_int(), ctypes.c_void_p()
    if cuda.cuInit(0) or cuda.cuDeviceGet(ctypes.byref(device), 0):
        return None
    # The context that the networks use, too: none is made beside it.
    if cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device):
        return None
    try:
        return _memory_in(cuda, context)
    finally:
        cuda.cuDevicePrimaryCtxRelease_v2(device)


def _memory_in(cuda: Any, context: ctypes.c_void_p) -> Memory | None:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    if cuda.cuCtxPushCurrent_v2(context):
        return None
    try:
        if cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total)):
            return None
    finally:
        cuda.cuCtxPopCurrent_v2(ctypes.byref(context))
    return Memory(total.value - free.value, total.value)

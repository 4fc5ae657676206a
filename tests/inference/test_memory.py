"""The memory of the device, with a GPU's driver that is none."""

import ctypes
import sys
from typing import Any

import pytest

from inference.memory import Memory, gpu_memory, own_memory
from inference.metrics import Metrics


class Driver:
    """Answers as CUDA's driver does: 0 is success, results are written where a pointer shows."""

    def __init__(self, fails: str = "") -> None:
        self._fails = fails
        self.retained = 0
        self.pushed = 0

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> int:
            if name == self._fails:
                return 2
            self.retained += {
                "cuDevicePrimaryCtxRetain": 1,
                "cuDevicePrimaryCtxRelease_v2": -1,
            }.get(name, 0)
            self.pushed += {"cuCtxPushCurrent_v2": 1, "cuCtxPopCurrent_v2": -1}.get(name, 0)
            if name == "cuMemGetInfo_v2":
                for pointer, size in zip(arguments, (3_000, 10_000), strict=True):
                    ctypes.cast(pointer, ctypes.POINTER(ctypes.c_size_t))[0] = size
            return 0

        return call


def test_what_is_not_free_is_used() -> None:
    """And the networks' own context is given back."""
    driver = Driver()
    assert gpu_memory(driver) == Memory(used=7_000, total=10_000)
    assert (driver.retained, driver.pushed) == (0, 0)


@pytest.mark.parametrize(
    "call", ["cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuMemGetInfo_v2"]
)
def test_a_driver_that_does_not_answer_is_left_out(call: str) -> None:
    """No figure is better than a wrong one, and nothing is kept."""
    driver = Driver(fails=call)
    assert gpu_memory(driver) is None
    assert (driver.retained, driver.pushed) == (0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_without_a_gpu_it_is_this_process_memory() -> None:
    """Shown with that of the machine."""
    memory = own_memory()
    assert memory is not None
    assert 10_000_000 < memory.used < memory.total
    value = Metrics().registry.get_sample_value("rapt_device_memory_bytes", {"kind": "used"})
    assert value is not None
    assert value > 10_000_000

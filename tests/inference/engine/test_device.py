"""How a device is driven, and what can break."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from inference.engine.device import DeviceLost, Driver, OutOfMemory
from tests.inference.calling import WITHIN_S
from tests.inference.devices import SteppedDevice


def always(now_s: float) -> bool:
    """Go on."""
    return now_s > 0


async def test_the_next_batch_is_prepared_while_one_runs() -> None:
    """Two slots: the second preparation does not wait for the first run."""
    device = SteppedDevice()
    driver = Driver(device, slots=2)
    device.running.close()
    one = asyncio.create_task(driver.run(["a"], always))
    other = asyncio.create_task(driver.run(["b"], always))
    await asyncio.to_thread(device.preparing.reached.acquire)
    await asyncio.to_thread(device.preparing.reached.acquire)
    assert device.ran == []
    device.release()
    results = [timed.ran.results for timed in await asyncio.gather(one, other) if timed]
    assert results == [["a"], ["b"]]
    driver.close()


async def test_the_device_goes_on_while_the_loop_is_busy() -> None:
    """What is prepared goes from thread to thread; the loop hears of it when it has time."""
    device = SteppedDevice()
    driver = Driver(device, slots=2)
    device.running.close()
    tasks = [asyncio.create_task(driver.run([name], always)) for name in "ab"]
    for gate in (device.preparing, device.preparing, device.running):
        await asyncio.to_thread(gate.reached.acquire)
    device.running.open()
    assert device.running.reached.acquire(timeout=WITHIN_S)  # here the loop does nothing else
    assert not any(task.done() for task in tasks)
    assert None not in await asyncio.gather(*tasks)
    driver.close()


async def test_an_idle_device_prepares_for_itself() -> None:
    """Nothing is gained by handing over what nobody else does meanwhile."""
    threads: dict[object, str] = {}

    class Noting(SteppedDevice):
        def prepare(self, jobs: Sequence[object]) -> tuple[object, ...]:
            threads[jobs[0]] = threading.current_thread().name
            return super().prepare(jobs)

    device = Noting()
    driver = Driver(device, slots=2)
    device.running.close()
    tasks = [asyncio.create_task(driver.run([name], always)) for name in "ab"]
    for _ in tasks:
        await asyncio.to_thread(device.preparing.reached.acquire)
    device.release()
    await asyncio.gather(*tasks)
    assert threads == {"a": "device", "b": "staging"}
    driver.close()


async def test_how_late_a_batch_is_ready_counts_from_when_it_was_due() -> None:
    """A loop that comes late with a batch is part of what it takes to be ready."""
    driver = Driver(SteppedDevice(), slots=2)
    on_time = await driver.run(["a"], always)
    late = await driver.run(["a"], always, due_s=time.monotonic() - 60)
    assert on_time is not None
    assert late is not None
    assert on_time.ready_s < 60 <= late.ready_s
    assert late.prepare_s < 60
    driver.close()


async def test_with_one_slot_preparing_is_part_of_the_run() -> None:
    """One thread does both, and the time of both is the run's."""
    device = SteppedDevice()
    driver = Driver(device, slots=1)
    timed = await driver.run(["a"], always)
    assert timed is not None
    assert (timed.prepare_s, device.prepared, device.ran) == (0.0, [("a",)], [("a",)])
    driver.close()


async def test_a_batch_that_nobody_waits_for_is_not_run() -> None:
    """Asked at the last moment, in the device's thread."""
    device = SteppedDevice()
    driver = Driver(device, slots=2)
    assert await driver.run(["a"], lambda _: False) is None
    assert device.ran == []
    driver.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(MemoryError(), OutOfMemory, id="host memory"),
        pytest.param(RuntimeError("CUDA error 2: Out of Memory"), OutOfMemory, id="cuda memory"),
        pytest.param(RuntimeError("CUDNN_STATUS_ALLOC_FAILED"), OutOfMemory, id="cudnn memory"),
        pytest.param(
            RuntimeError("CUDA failure 700: an illegal memory access was encountered"),
            DeviceLost,
            id="cuda context",
        ),
        pytest.param(SystemExit(), DeviceLost, id="thread ends"),
        pytest.param(RuntimeError("a shape is wrong"), RuntimeError, id="anything else"),
    ],
)
async def test_what_breaks_has_a_name(error: BaseException, kind: type[Exception]) -> None:
    """Memory, the device, or a fault of this batch; only a lost device serves nobody after it."""
    device = SteppedDevice()
    driver = Driver(device, slots=2)
    device.breaks = error
    with pytest.raises(kind):
        await driver.run(["a"], always)
    if kind is DeviceLost:
        with pytest.raises(DeviceLost):
            await driver.run(["b"], always)
    else:
        assert await driver.run(["b"], always) is not None
    driver.close()


async def test_a_device_that_hangs_is_lost_and_does_not_keep_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waits is told; closing leaves its thread behind, which is a daemon."""
    monkeypatch.setattr("inference.engine.device.HUNG_AFTER_S", 0.1)
    monkeypatch.setattr("inference.engine.device.CLOSE_S", 0.1)
    device = SteppedDevice()
    driver = Driver(device, slots=2)
    device.running.close()
    with pytest.raises(DeviceLost):
        await driver.run(["a"], always)
    driver.close()
    assert all(t.daemon for t in threading.enumerate() if t.name in {"device", "staging"})
    device.release()

"""The sleep model."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.servers.counted import CountedDevice
from benchmarks.servers.inside.sleep_model import (
    MAX_BATCH,
    SleepModel,
    capacity_per_s,
    counts_of,
    run_s,
)
from inference.scheduling.stages import Ran


def test_it_takes_what_the_benchmark_says() -> None:
    """4 ms and half a millisecond a frame; 1600 frames a second at best."""
    assert run_s(1, 1.0) == pytest.approx(0.0045)
    assert run_s(32, 1.0) == pytest.approx(0.020)
    assert capacity_per_s(1.0) == pytest.approx(1600)


@given(st.integers(1, MAX_BATCH), st.floats(0.1, 10))
def test_no_batch_beats_the_capacity(frames: int, scale: float) -> None:
    """Full batches are the best there is, at any scale."""
    assert frames / run_s(frames, scale) <= capacity_per_s(scale) * (1 + 1e-9)


def test_one_batch_runs_at_a_time_and_is_counted(tmp_path: Path) -> None:
    """Two that come together take as long as one after the other."""
    counts = tmp_path / "counts"
    assert counts_of(counts) == (0, 0, 0.0, 0)
    model = SleepModel(2.0, str(counts))
    began_s = time.perf_counter()
    threads = [threading.Thread(target=model.run, args=(frames,)) for frames in (3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted_s = time.perf_counter() - began_s
    assert lasted_s >= run_s(3, 2.0) + run_s(5, 2.0)
    done = counts_of(counts)
    assert (done.runs, done.frames, done.running) == (2, 8, 0)
    assert done.busy_s >= run_s(3, 2.0) + run_s(5, 2.0)


def test_any_device_is_counted_like_the_model_that_sleeps(tmp_path: Path) -> None:
    """Frames of each run, nothing while it is prepared, and a run that fails has been one."""
    counts = tmp_path / "counts"

    class Device:
        provider, buckets = "abacus", (1, 2, 4)

        def prepare(self, jobs: Sequence[int]) -> list[int]:
            assert counts_of(counts).running == 0
            return list(jobs)

        def run(self, prepared: list[int]) -> Ran[int]:
            assert counts_of(counts).running == len(prepared)
            if 0 in prepared:
                raise ZeroDivisionError
            return Ran(prepared, ())

    device = CountedDevice(Device(), str(counts))
    assert (device.provider, device.buckets) == ("abacus", (1, 2, 4))
    assert device.run(device.prepare([5, 6, 7])).results == [5, 6, 7]
    with pytest.raises(ZeroDivisionError):
        device.run(device.prepare([0]))
    done = counts_of(counts)
    assert (done.runs, done.frames, done.running) == (2, 4, 0)


def test_a_running_batch_can_be_seen_from_outside(tmp_path: Path) -> None:
    """Whoever wants to leave in its middle needs to know."""
    counts = tmp_path / "counts"
    thread = threading.Thread(target=SleepModel(200.0, str(counts)).run, args=(4,))
    thread.start()
    until_s = time.monotonic() + 10
    while counts_of(counts).running == 0 and time.monotonic() < until_s:
        thread.join(0.01)
    assert counts_of(counts).running == 4
    thread.join()

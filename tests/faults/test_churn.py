"""Memory stays flat while clients come, go, vanish, and send rubbish."""

from pathlib import Path

import numpy as np
import pytest

from tests.faults.churn import churn, means_of, slope_of
from tests.faults.worker import worker_in

MINUTES = 30
MOST_MB_PER_H = 5.0
"""Of the second quarter of an hour, beyond twice the error: 50 bytes of each visit."""
MOST_MB = 120.0
"""That the worker may hold above what it began with: networks in their larger buckets, sessions."""
MOST_AGAIN_MB = 80.0
"""Of a second while: all of the warm-up takes 65; a picture kept of every frame would be more."""


def test_a_stretch_counts_once() -> None:
    """Whatever swings within it is no evidence."""
    assert means_of([1, 3, 5, 7], 2).tolist() == [2, 6]
    assert means_of([4, 4], 12).tolist() == [4, 4]


def test_the_slope_of_a_line_is_its_slope() -> None:
    """And of what does not grow it is nothing."""
    x = np.array([0.0, 1.0, 2.0, 3.0])
    assert slope_of(x, 7 * x + 3)[0] == pytest.approx(7)
    assert slope_of(x, 0 * x + 3) == (0, 0)
    assert slope_of(x[:2], x[:2]) == (0, np.inf)


@pytest.mark.long
async def test_memory_is_flat_over_half_an_hour(
    tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """The slope is told; files and threads are as many as before."""
    with worker_in(tmp_path / "worker", models=models) as worker:
        await worker.ready()
        slope = await churn(worker, portrait, seconds=60.0 * MINUTES)
        print(slope)  # noqa: T201  told by `pytest -s`, and when it fails
        assert slope.mb_per_h < MOST_MB_PER_H + 2 * slope.error_mb_per_h, slope
        assert slope.ended_mb - slope.began_mb < MOST_MB, slope
        assert slope.files_grown <= 8, slope
        assert slope.threads_grown <= 8, slope


async def test_nobody_and_nothing_is_left_after_a_while_of_it(
    tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """No call, no request under way, no memory, no fault in the log."""
    with worker_in(tmp_path / "worker", models=models) as worker:
        await worker.ready()
        warm_up = await churn(worker, portrait, seconds=10.0)
        again = await churn(worker, portrait, seconds=5.0, seed=2)
        assert len(warm_up.visits) == len(again.visits) == 6
        assert again.frames_received > warm_up.frames_received > 20
        assert again.ended_mb - warm_up.ended_mb < MOST_AGAIN_MB, (warm_up, again)
        assert again.files_grown <= 8, again
        await worker.settled()
        assert await worker.metric("rapt_model_requests_waiting") == 0

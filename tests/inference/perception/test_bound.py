"""A network whose every batch size has its own buffers."""

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.bound import BoundRuns
from inference.perception.providers import CPU_PROVIDER, open_session

BUCKETS = (1, 4)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_bound_buffers_give_what_a_plain_run_gives(folder: ModelFolder, count: int) -> None:
    """Rows are answered in order, and neither padding nor the run before shows in them."""
    session = open_session(folder.graph("face_detector"), CPU_PROVIDER, threads=1)
    bound = BoundRuns(session, BUCKETS, device="cpu", is_captured=False)
    bound.warm()
    rng = np.random.default_rng(count)
    name = session.get_inputs()[0].name
    for _ in range(2):
        pictures = rng.uniform(-1, 1, (count, 128, 128, 3)).astype(np.float32)
        plain = session.run(None, {name: pictures})
        outputs = bound.run({name: pictures}, 1 if count == 1 else 4)
        for one, other in zip(outputs, plain, strict=True):
            assert one.shape == other.shape
            assert one == pytest.approx(other, abs=2e-4)


def test_answers_of_one_run_outlive_the_next(folder: ModelFolder) -> None:
    """What came down is a copy: the device's buffers are written over."""
    session = open_session(folder.graph("face_detector"), CPU_PROVIDER, threads=1)
    bound = BoundRuns(session, BUCKETS, device="cpu", is_captured=False)
    dark = np.full((1, 128, 128, 3), -1, np.float32)
    name = session.get_inputs()[0].name
    first = bound.run({name: dark}, 1)
    kept = [output.copy() for output in first]
    bound.run({name: -dark}, 1)
    for one, other in zip(first, kept, strict=True):
        assert (one == other).all()

"""Networks that are fed with named arrays of rows."""

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.networks import CPU_PROVIDER
from inference.perception.rows import Opener, RowNetwork


@pytest.fixture(scope="module")
def gaze(full_models: ModelFolder) -> RowNetwork:
    """A network of three inputs."""
    network = Opener(full_models, CPU_PROVIDER).open("gaze")
    assert network is not None
    return network


@pytest.mark.parametrize("count", [1, 3, 9, 40])
def test_any_number_of_rows_is_run_and_reported(gaze: RowNetwork, count: int) -> None:
    """Padding does not show in the answer; every run says how many rows it had."""
    rng = np.random.default_rng(count)
    feeds = {
        "left_eye_image": rng.uniform(0, 255, (count, 3, 60, 60)).astype(np.float32),
        "right_eye_image": rng.uniform(0, 255, (count, 3, 60, 60)).astype(np.float32),
        "head_pose_angles": rng.uniform(-30, 30, (count, 3)).astype(np.float32),
    }
    gaze.take_runs()
    [together] = gaze.run(feeds)
    runs = gaze.take_runs()
    assert sum(run.items for run in runs) == count
    assert all(run.stage == "gaze" and run.bucket >= run.items for run in runs)
    assert gaze.take_runs() == []
    for row in range(count):
        [alone] = gaze.run({name: values[row : row + 1] for name, values in feeds.items()})
        assert together[row] == pytest.approx(alone[0], abs=1e-4)


def test_a_network_that_is_not_built_is_none(folder: ModelFolder) -> None:
    """It is done without, and not missed."""
    if folder.has("gaze"):
        pytest.skip("this checkout has the optional networks built")
    assert Opener(folder, CPU_PROVIDER).open("gaze") is None

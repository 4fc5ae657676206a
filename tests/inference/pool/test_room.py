"""How many workers have room on the machines of a cluster."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Misconfigured

from inference.config import InferenceConfig
from inference.pool.room import Resources, cores_each, needs, room

CORES = Resources(16, 0)
ONE_GPU = Resources(16, 1)
EIGHT = Resources(64, 8)


@pytest.mark.parametrize(
    ("machines", "settings", "expected"),
    [
        pytest.param([CORES], {}, 16, id="one for each core"),
        pytest.param([CORES, CORES], {"worker_cpus": 6}, 4, id="never across two machines"),
        pytest.param([Resources(0.3, 0)], {"worker_cpus": 0.1}, 3, id="rounding takes none away"),
        pytest.param([EIGHT], {}, 8, id="one for each GPU"),
        pytest.param([CORES, ONE_GPU], {}, 1, id="none where there is no GPU"),
        pytest.param([EIGHT], {"worker_gpus": 0.5}, 16, id="two share a GPU"),
        pytest.param([EIGHT], {"worker_gpus": 0.6}, 8, id="no share is of two GPUs"),
        pytest.param([EIGHT], {"worker_gpus": 3}, 2, id="several GPUs each"),
        pytest.param([Resources(4, 8)], {}, 4, id="the cores are too few"),
        pytest.param([EIGHT], {"worker_gpus": 0}, 64, id="the GPUs are for others"),
        pytest.param([EIGHT], {"provider": "cpu"}, 64, id="the GPUs are not used"),
        pytest.param([Resources(0.5, 0)], {}, 0, id="none"),
    ],
)
def test_the_room_of_a_cluster(
    machines: list[Resources], settings: dict[str, Any], expected: int
) -> None:
    """By GPUs where there are any, else by cores."""
    config = InferenceConfig(**settings)
    assert room(machines, needs(config, machines)) == expected


@pytest.mark.parametrize(
    ("machines", "settings", "cores"),
    [
        pytest.param([ONE_GPU], {}, 16, id="alone beside a GPU"),
        pytest.param([EIGHT], {}, 8, id="one of eight"),
        pytest.param([ONE_GPU], {"worker_gpus": 0.25}, 4, id="four share a GPU and its machine"),
        pytest.param([CORES, ONE_GPU], {}, 16, id="a machine without a GPU has none"),
        pytest.param([EIGHT, Resources(4, 1)], {}, 4, id="nobody knows which machine"),
        pytest.param([CORES], {"worker_cpus": 5}, 16 / 3, id="no GPU"),
        pytest.param([], {"worker_cpus": 3}, 3, id="no room"),
    ],
)
def test_the_cores_of_a_worker(
    machines: list[Resources], settings: dict[str, Any], cores: float
) -> None:
    """Its machine's, shared by as many as fit on that."""
    config = InferenceConfig(**settings)
    assert cores_each(machines, needs(config, machines)) == pytest.approx(cores)


def test_a_share_that_no_scheduler_can_give_is_refused() -> None:
    """Half of a second GPU is nobody's."""
    with pytest.raises(Misconfigured, match="WORKER_GPUS"):
        needs(InferenceConfig(worker_gpus=1.5), [EIGHT])


machines = st.builds(Resources, st.integers(0, 64), st.integers(0, 8))


@given(st.lists(machines, max_size=5), st.sampled_from([0.1, 0.25, 0.5, 1.0, 2.0]))
def test_no_more_is_promised_than_there_is(cluster: list[Resources], share: float) -> None:
    """Neither of GPUs nor of cores."""
    each = needs(InferenceConfig(worker_gpus=share), cluster)
    number = room(cluster, each)
    assert number * each.cpus <= sum(machine.cpus for machine in cluster)
    assert number * each.gpus <= sum(machine.gpus for machine in cluster) + 1e-6
    assert number * cores_each(cluster, each) <= sum(machine.cpus for machine in cluster) + 1e-6

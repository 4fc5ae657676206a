"""What Ray is told before it is imported."""

import pytest

from inference.pool import environment


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        pytest.param("", True, id="our own"),
        pytest.param("127.0.0.1:6379", True, id="on this machine"),
        pytest.param("ray://localhost:10001", True, id="a client of this machine's"),
        pytest.param("ray://head:10001", False, id="on another machine"),
        pytest.param("10.0.0.7:6379", False, id="in a network"),
    ],
)
def test_a_ray_on_this_machine_stays_on_loopback(
    address: str, *, is_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster of many machines could not; nobody is told of either."""
    for name in environment.FOR_RAY:
        monkeypatch.delenv(name, raising=False)
    told: dict[str, str] = {}
    monkeypatch.setattr("os.environ", told)
    environment.prepare(address)
    assert told["RAY_USAGE_STATS_ENABLED"] == "0"
    assert told["RAY_DISABLE_WORKER_LOG_PREFIX"] == "1"
    assert ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER" in told) is is_here


def test_who_has_set_a_variable_is_not_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is their machine."""
    told = {"RAY_DEDUP_LOGS": "1"}
    monkeypatch.setattr("os.environ", told)
    environment.prepare("")
    assert told["RAY_DEDUP_LOGS"] == "1"

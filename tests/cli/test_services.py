"""What each process is told, and in which order they start and stop."""

from dataclasses import replace
from pathlib import Path

import pytest
from rapt.address import Address
from rapt.cli.credentials import Credentials
from rapt.cli.services import Layout, Service, services_of
from rapt.config import load_config

from analytics.config import AnalyticsConfig
from gateway.config import GatewayConfig
from inference.config import InferenceConfig

LAYOUT = Layout(
    data=Path("/data"),
    models=Path("/models"),
    pages=Path("/pages"),
    environ={"PATH": "/bin", "RAPT_GATEWAY_POLICY": "research/1", "RAPT_GATEWAY_DATA": "/mine"},
    credentials=Credentials(),
    gateway=Address("0.0.0.0", 8000),
    inference=Address("127.0.0.1", 50051),
    store=Address("127.0.0.1", 8123),
    valkey=Address("127.0.0.1", 6379),
)


def named(layout: Layout) -> dict[str, Service]:
    """Return the services by name, in start order."""
    return {service.name: service for service in services_of(layout)}


def test_whoever_stores_starts_first_and_stops_last() -> None:
    """The supervisor stops from the last to the first."""
    assert list(named(LAYOUT)) == ["valkey", "store", "inference", "gateway"]


def test_every_process_understands_what_it_is_told() -> None:
    """An unknown name would stop its start."""
    services = named(LAYOUT)
    gateway = load_config(services["gateway"].environ, GatewayConfig, prefix="RAPT_GATEWAY_")
    inference = load_config(
        services["inference"].environ, InferenceConfig, prefix="RAPT_INFERENCE_"
    )
    store = load_config(services["store"].environ, AnalyticsConfig, prefix="RAPT_ANALYTICS_")
    assert gateway.listen == "0.0.0.0:8000"
    assert gateway.inference_token == inference.token == LAYOUT.credentials.inference_token
    assert str(inference.models) == "/models"
    assert store.data == Path("/data/store")
    assert f"writer:{store.writer_password}@" in str(inference.store_url)
    assert f"reader:{store.reader_password}@" in str(gateway.store_url)


def test_settings_of_the_user_reach_the_process_but_not_those_that_up_decides() -> None:
    """The data folder is `--data`, whatever stands in the environment."""
    told = named(LAYOUT)["gateway"].environ
    assert told["RAPT_GATEWAY_POLICY"] == "research/1"
    assert told["RAPT_GATEWAY_DATA"] == "/data"


@pytest.mark.parametrize("name", ["valkey", "store", "inference", "gateway"])
def test_no_secret_is_an_argument(name: str) -> None:
    """Everybody on the machine reads the arguments of a process."""
    command = " ".join(named(LAYOUT)[name].command)
    assert LAYOUT.credentials.local_token not in command
    assert LAYOUT.credentials.redis_password not in command


def test_an_external_store_is_looked_after_and_not_started() -> None:
    """Both sides get the address as it was given."""
    url = "https://rapt:secret@clickhouse.example/rapt"
    services = named(replace(LAYOUT, store=None, external_store_url=url))
    assert "store" not in services
    assert services["upkeep"].command[-1] == "upkeep"
    assert services["upkeep"].environ["RAPT_ANALYTICS_STORE_URL"] == url
    assert services["inference"].environ["RAPT_INFERENCE_STORE_URL"] == url
    assert services["gateway"].environ["RAPT_GATEWAY_STORE_URL"] == url


def test_an_external_redis_is_not_started() -> None:
    """The gateway is told where it is."""
    url = "rediss://:secret@redis.example:6380/3"
    services = named(replace(LAYOUT, valkey=None, external_redis_url=url))
    assert "valkey" not in services
    assert services["gateway"].environ["RAPT_GATEWAY_REDIS_URL"] == url

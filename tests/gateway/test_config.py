"""Settings of the gateway."""

import pytest
from rapt.config import load_config
from rapt.errors import Misconfigured

from gateway.config import PREFIX, GatewayConfig

SECRETS = {PREFIX + "LOCAL_TOKEN": "t" * 16, PREFIX + "TICKET_KEY": "k" * 32}


def test_lists_are_split_and_paths_follow_the_data_folder() -> None:
    """Commas separate, spaces do not count."""
    environ = SECRETS | {PREFIX + "INFERENCE": "a:1, b:2", PREFIX + "DATA": "/tmp/x"}  # noqa: S108 - a name
    config = load_config(environ, GatewayConfig, prefix=PREFIX)
    assert config.inference_addresses == ("a:1", "b:2")
    assert config.database_address == "sqlite+aiosqlite:////tmp/x/gateway.sqlite"
    assert str(config.media_path) == "/tmp/x/media"  # noqa: S108 - a name


def test_secrets_are_not_shown() -> None:
    """Whoever prints the settings prints no token."""
    config = load_config(SECRETS, GatewayConfig, prefix=PREFIX)
    assert "t" * 16 not in repr(config)
    assert "k" * 32 not in str(config)


@pytest.mark.parametrize(
    "wrong",
    [{"LOCAL_TOKEN": "short"}, {"GRACE_S": "0"}, {"TENANT": "-1"}, {"MAX_SESSIONS": "many"}],
)
def test_a_value_that_does_not_fit_is_refused(wrong: dict[str, str]) -> None:
    """The start stops."""
    environ = SECRETS | {PREFIX + name: value for name, value in wrong.items()}
    with pytest.raises(Misconfigured):
        load_config(environ, GatewayConfig, prefix=PREFIX)

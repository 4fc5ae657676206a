"""Services that run already are used and left alone."""

from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from demo.services import running_services
from tests.services import Services
from tests.waiting import is_alive


async def test_what_runs_already_is_used_and_left_running(running: Services) -> None:
    """Nobody stops what somebody else started."""
    async with running_services(running.data, port=0) as found:
        assert found.pid == running.process.pid
    assert is_alive(running.process.pid)


async def test_a_start_that_fails_is_one_sentence(running: Services, tmp_path: Path) -> None:
    """A port that is taken ends the demo, not the wait."""
    taken = int(running.running.gateway_url.rpartition(":")[2])
    with pytest.raises(Misconfigured, match="ended with 1"):
        async with running_services(tmp_path / "data", port=taken):
            pytest.fail("nothing can listen there")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"no JSON"])
async def test_a_broken_run_file_is_as_good_as_none(
    running: Services, tmp_path: Path, content: bytes | None
) -> None:
    """What is left of a crash does not stop the demo from starting its own services."""
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    taken = int(running.running.gateway_url.rpartition(":")[2])
    with pytest.raises(Misconfigured, match="ended with"):
        async with running_services(tmp_path, port=taken):
            pytest.fail("nothing can listen there")

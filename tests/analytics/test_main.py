"""The commands against the real store."""

import subprocess
import sys
from pathlib import Path

import pytest

from analytics.store import open_store
from tests.analytics.conftest import Served
from tests.analytics.process import StoreProcess
from tests.analytics.rows import put, segments, session


def _run(command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {f"RAPT_ANALYTICS_{k.upper()}": v for k, v in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "analytics", command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_check_says_that_all_is_well(served: Served) -> None:
    """One line a finding, exit status 0."""
    ended = _run("check", store_url=served.writer_url)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [line.split()[1] for line in ended.stdout.splitlines()] == [
        "version",
        "schema",
        "free",
        "parts",
    ]


def test_check_says_that_nobody_answers() -> None:
    """Exit status 1 and one sentence."""
    ended = _run("check", store_url="http://writer:x@127.0.0.1:1/rapt")
    assert ended.returncode == 1
    assert "BAD  store answers" in ended.stdout


def test_migrate_makes_another_database(served: Served) -> None:
    """Over HTTP, on any ClickHouse; the second time there is nothing to do."""
    url = served.writer_url.rsplit("/", 1)[0] + "/rapt_by_command"
    assert _run("check", store_url=url).returncode == 1
    first, second = _run("migrate", store_url=url), _run("migrate", store_url=url)
    assert first.stdout == "0001_facts.sql\n", first.stderr
    assert second.stdout == "nothing to do\n"
    assert _run("check", store_url=url).returncode == 0
    # the embedded store goes with its folder; a ClickHouse by URL keeps an empty database


async def test_rebuild_computes_all_bins(tmp_path: Path) -> None:
    """Of every tenant."""
    with StoreProcess(tmp_path / "data", maintenance_s=3600) as process:
        async with open_store(process.url()) as store:
            rows = [session(t, segments=segments((0, 3000))) for t in (1, 2)]
            await put(store, rows, "both")
            ended = _run(
                "rebuild",
                listen=f"127.0.0.1:{process.port}",
                writer_password="writer-secret",  # noqa: S106  of the test's own store
            )
            assert ended.stdout == "2 contents\n", ended.stderr
            found = await store.execute("SELECT tenant_id, count() FROM bins GROUP BY 1 ORDER BY 1")
    assert found == "1\t4\n2\t4"


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_a_wrong_command_explains_itself(arguments: list[str]) -> None:
    """With the list of commands."""
    ended = subprocess.run(
        [sys.executable, "-m", "analytics", *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "rebuild" in ended.stderr

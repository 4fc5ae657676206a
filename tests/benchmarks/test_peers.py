"""Environments of other people's software."""

import os
import subprocess
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from benchmarks import peers


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """An environment whose cache is empty."""
    return dict(os.environ) | {"RAPT_CACHE": str(tmp_path)}


def test_a_peer_that_nobody_pins_is_refused_with_the_known_ones(cache: dict[str, str]) -> None:
    """The sentence names what there is."""
    with pytest.raises(Misconfigured, match="no peer nobody"):
        peers.peer("nobody", cache)


def test_a_peer_is_made_once(
    cache: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second call finds what the first has made; its interpreter runs."""
    monkeypatch.setattr(peers, "PINS", tmp_path)
    (tmp_path / "empty.txt").write_text("")
    made = peers.peer("empty", cache)
    assert subprocess.run([made.python, "-c", ""], check=True).returncode == 0
    mark = made.folder / "mark"
    mark.touch()
    assert peers.peer("empty", cache).folder == made.folder
    assert mark.exists()


def test_changed_pins_make_another_environment(
    cache: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of the folder holds the hash of the pins."""
    monkeypatch.setattr(peers, "PINS", tmp_path)
    (tmp_path / "empty.txt").write_text("")
    before = peers.peer("empty", cache)
    (tmp_path / "empty.txt").write_text("# nothing, but differently\n")
    assert peers.peer("empty", cache).folder != before.folder


def test_an_interrupted_set_up_is_done_again(
    cache: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its last mark an environment is not believed."""
    monkeypatch.setattr(peers, "PINS", tmp_path)
    (tmp_path / "empty.txt").write_text("")
    made = peers.peer("empty", cache)
    (made.folder / peers.READY).unlink()
    (made.folder / "half").touch()
    assert not (peers.peer("empty", cache).folder / "half").exists()


def test_the_version_of_what_a_peer_has_is_that_of_its_pins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole name counts, with no environment made; what is not pinned has no version."""
    monkeypatch.setattr(peers, "PINS", tmp_path)
    (tmp_path / "ray.txt").write_text(
        "raylet==9.9 \\\n    --hash=a\nray==2.60.0 \\\n    --hash=b\n"
    )
    assert peers.pinned("ray") == "2.60.0"
    assert peers.pinned("ray", "raylet") == "9.9"
    with pytest.raises(Misconfigured, match="ray has no serve"):
        peers.pinned("ray", "serve")


def test_what_cannot_be_installed_is_said_in_one_sentence(
    cache: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong pin names the tool and what to do."""
    monkeypatch.setattr(peers, "PINS", tmp_path)
    (tmp_path / "wrong.txt").write_text("no-such-package\n")
    with pytest.raises(Misconfigured, match="run it again"):
        peers.peer("wrong", cache)

"""Bringing sources into the cache."""

from pathlib import Path

import pytest
from rapt.errors import Misconfigured, Unavailable

from inference.models.fetch import fetch
from inference.models.fetched import is_cached, source_path
from inference.models.manifest import Manifest
from inference.models.places import Places
from tests.inference.models.toys import (
    Silent,
    Site,
    cache_of,
    manifest_of,
    member_source,
    serving,
    toy_wheel,
    url_source,
    wheel_bytes,
)

DATA = b"weights " * 1000


def places(folder: Path, *, mirror: Path | None = None) -> Places:
    """Return places below a test's own folder."""
    return Places(models=folder / "models", cache=cache_of(folder), mirror=mirror)


def fetch_all(manifest: Manifest, where: Places) -> None:
    """Fetch every source."""
    fetch(manifest, manifest.sources, where, Silent())


def test_a_mirror_is_asked_before_the_network(tmp_path: Path) -> None:
    """A file under its base name is taken; the address, where nobody listens, is not."""
    source = url_source("file", DATA, "https://127.0.0.1:9/deep/weights.bin")
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "weights.bin").write_bytes(DATA)
    where = places(tmp_path, mirror=tmp_path / "mirror")
    fetch_all(manifest_of(source), where)
    assert source_path(where.cache, source).read_bytes() == DATA


def test_what_the_mirror_lacks_comes_from_outside(tmp_path: Path) -> None:
    """An empty mirror forbids nothing."""
    (tmp_path / "mirror").mkdir()
    where = places(tmp_path, mirror=tmp_path / "mirror")
    with serving(Site({"/file": DATA})) as site:
        source = url_source("file", DATA, f"{site.address}/file")
        fetch_all(manifest_of(source), where)
    assert is_cached(where.cache, source)


def test_a_mirror_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A typing error in its name is said, not passed over."""
    source = url_source("file", DATA)
    with pytest.raises(Misconfigured, match="not a folder"):
        fetch_all(manifest_of(source), places(tmp_path, mirror=tmp_path / "nowhere"))


@pytest.mark.parametrize("wrong", [b"", DATA[:-1], DATA[:-1] + b"!"])
def test_a_wrong_hash_names_the_file(tmp_path: Path, wrong: bytes) -> None:
    """Whether empty, cut or changed; and nothing reaches the cache."""
    source = url_source("file", DATA, "https://example.org/weights.bin")
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "weights.bin").write_bytes(wrong)
    where = places(tmp_path, mirror=tmp_path / "mirror")
    with pytest.raises(Misconfigured, match=r"weights\.bin has sha256"):
        fetch_all(manifest_of(source), where)
    assert not source_path(where.cache, source).exists()


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    """The second time nobody needs to listen; a damaged file is fetched anew."""
    where = places(tmp_path)
    site = Site({"/file": DATA})
    with serving(site):
        source = url_source("file", DATA, f"{site.address}/file")
        for _ in range(2):
            fetch_all(manifest_of(source), where)
        assert len(site.asked) == 1
        source_path(where.cache, source).write_bytes(DATA[1:] + b"!")
        fetch_all(manifest_of(source), where)
        assert len(site.asked) == 2
    assert is_cached(where.cache, source)


def test_what_came_before_a_failure_is_kept(tmp_path: Path) -> None:
    """The first file stays in the cache when the second cannot be had."""
    where = places(tmp_path)
    with serving(Site({"/one": DATA})) as site:
        one = url_source("one", DATA, f"{site.address}/one")
        two = url_source("two", DATA + b"2", f"{site.address}/two")
        with pytest.raises(Unavailable):
            fetch_all(manifest_of(one, two), where)
    assert is_cached(where.cache, one)
    assert not is_cached(where.cache, two)


def test_all_members_come_out_of_one_wheel(tmp_path: Path) -> None:
    """A wheel that lies there already needs no pip, and is removed when it was read."""
    where = places(tmp_path)
    data = wheel_bytes({"one": DATA, "two": DATA + b"2"})
    (where.cache / "wheels").mkdir(parents=True)
    (where.cache / "wheels" / "toy.whl").write_bytes(data)
    sources = member_source("one", DATA), member_source("two", DATA + b"2")
    fetch_all(manifest_of(*sources, wheel=toy_wheel(data)), where)
    assert all(is_cached(where.cache, source) for source in sources)
    assert list((where.cache / "wheels").iterdir()) == []


def test_a_wheel_is_not_downloaded_twice(tmp_path: Path) -> None:
    """Whoever wants one member gets the others that the manifest names, too."""
    where = places(tmp_path)
    data = wheel_bytes({"one": DATA, "two": DATA + b"2"})
    (where.cache / "wheels").mkdir(parents=True)
    (where.cache / "wheels" / "toy.whl").write_bytes(data)
    one, two = member_source("one", DATA), member_source("two", DATA + b"2")
    fetch(manifest_of(one, two, wheel=toy_wheel(data)), [one], where, Silent())
    assert is_cached(where.cache, two)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param({"two": DATA}, "no member toy/data/one.bin", id="absent"),
        pytest.param({"one": DATA + b"!"}, "toy/data/one.bin has sha256", id="changed"),
    ],
)
def test_a_wrong_member_is_named(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    """Even in a wheel whose own hash is right."""
    where = places(tmp_path)
    data = wheel_bytes(members)
    (where.cache / "wheels").mkdir(parents=True)
    (where.cache / "wheels" / "toy.whl").write_bytes(data)
    manifest = manifest_of(member_source("one", DATA), wheel=toy_wheel(data))
    with pytest.raises(Misconfigured, match=message):
        fetch_all(manifest, where)

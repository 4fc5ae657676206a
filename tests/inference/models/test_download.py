"""Downloads from an address, cut and continued."""

from pathlib import Path

import pytest
from rapt.errors import Misconfigured, Unavailable

from inference.models.download import download
from tests.inference.models.toys import Silent, Site, serving, url_source

DATA = bytes(range(256)) * 400


def test_a_file_comes_whole(tmp_path: Path) -> None:
    """Nothing is left behind in the folder of partial files."""
    with serving(Site({"/file": DATA})) as site:
        source = url_source("file", DATA, f"{site.address}/file")
        assert download(source, source.urls[0], tmp_path, Silent()) == DATA
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_an_interrupted_download_goes_on(tmp_path: Path, *, knows_ranges: bool) -> None:
    """From where it stopped, or from the start if the server knows no ranges."""
    site = Site({"/file": DATA}, knows_ranges=knows_ranges, cut_after_bytes=70_000)
    with serving(site):
        source = url_source("file", DATA, f"{site.address}/file")
        with pytest.raises(Unavailable, match="could not download"):
            download(source, source.urls[0], tmp_path, Silent())
        (partial,) = tmp_path.iterdir()
        kept_bytes = partial.stat().st_size
        assert 0 < kept_bytes <= 70_000
        assert download(source, source.urls[0], tmp_path, Silent()) == DATA
    assert site.asked == [("/file", None), ("/file", f"bytes={kept_bytes}-")]


def test_an_absent_file_is_a_sentence(tmp_path: Path) -> None:
    """A 404 names the address."""
    with serving(Site()) as site:
        source = url_source("file", DATA, f"{site.address}/file")
        with pytest.raises(Unavailable, match="/file"):
            download(source, source.urls[0], tmp_path, Silent())


def test_a_closed_port_is_a_sentence(tmp_path: Path) -> None:
    """Nobody listens there."""
    with serving(Site()) as site:
        source = url_source("file", DATA, f"{site.address}/file")
    with pytest.raises(Unavailable, match="could not download"):
        download(source, source.urls[0], tmp_path, Silent())


def test_a_longer_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """The manifest says how many bytes there are; the disk is not filled with more."""
    with serving(Site({"/file": DATA * 50})) as site:
        source = url_source("file", DATA, f"{site.address}/file")
        with pytest.raises(Misconfigured, match="longer"):
            download(source, source.urls[0], tmp_path, Silent())
    assert list(tmp_path.iterdir()) == []

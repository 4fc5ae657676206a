"""Small manifests, wheels and servers for the tests of fetching and building."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from inference.models.manifest import Manifest, Source, Wheel

CACHE_FOLDER = "sources"


class Silent:
    """Hears what a build does and tells nobody."""

    def step(self, text: str, *, of: int | None = None) -> None:
        """Ignore it."""

    def done(self, amount: int) -> None:
        """Ignore it."""


def sha256(data: bytes) -> str:
    """Return the hash as the manifest writes it."""
    return hashlib.sha256(data).hexdigest()


def url_source(name: str, data: bytes, *urls: str) -> Source:
    """Describe a file at an address."""
    return Source(
        name=name,
        kind="url",
        purpose="weights",
        sha256=sha256(data),
        bytes=len(data),
        licence="Apache-2.0",
        urls=urls or ("https://example.org/file.bin",),
    )


def member_source(name: str, data: bytes, wheel: str = "toy") -> Source:
    """Describe a file in a wheel."""
    return Source(
        name=name,
        kind="wheel-member",
        purpose="weights",
        sha256=sha256(data),
        bytes=len(data),
        licence="Apache-2.0",
        wheel=wheel,
        member=f"toy/data/{name}.bin",
    )


WHEEL_FILE = "toy-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"


def wheel_bytes(members: Mapping[str, bytes]) -> bytes:
    """Return a wheel of the project `toy` with these files in `toy/data`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(f"toy/data/{name}.bin"), data)
        about = "toy-1.0.dist-info"
        archive.writestr(
            zipfile.ZipInfo(f"{about}/METADATA"), "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
        )
        tag = "cp311-cp311-manylinux_2_28_x86_64"
        archive.writestr(zipfile.ZipInfo(f"{about}/WHEEL"), f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(zipfile.ZipInfo(f"{about}/RECORD"), "")
    return file.getvalue()


def toy_wheel(data: bytes) -> Wheel:
    """Describe a wheel of the project `toy`."""
    return Wheel(
        name="toy",
        requirement="toy==1.0",
        sha256=sha256(data),
        bytes=len(data),
        python="3.11",
        platforms=("manylinux_2_28_x86_64",),
    )


def manifest_of(*sources: Source, wheel: Wheel | None = None) -> Manifest:
    """Return a manifest of these sources, and of nothing made of them."""
    return Manifest(wheels=(wheel,) if wheel else (), sources=sources, models=())


@dataclass
class Site:
    """What a loopback server answers, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    knows_ranges: bool = True
    cut_after_bytes: int | None = None
    """Close the connection after so many bytes of a body, once."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """(path, Range header) of every request."""
    address: str = ""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a site on loopback until the block ends."""
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers GET with whole files or ranges."""

    site: ClassVar[Site]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.site.asked.append((self.path, wanted))
        body = self.site.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = 0
        if wanted is not None and self.site.knows_ranges:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "binary")
        self.end_headers()
        cut, self.site.cut_after_bytes = self.site.cut_after_bytes, None
        with suppress(ConnectionError):  # the client may have read enough
            self.wfile.write(body[start:] if cut is None else body[start : start + cut])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep the terminal quiet."""


def simple_index(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the pages of a package index that has these wheels of `toy`."""
    links = "".join(f'<a href="/files/{name}">{name}</a>' for name in files)
    page = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
    return {"/simple/toy/": page, **{f"/files/{name}": data for name, data in files.items()}}


def cache_of(folder: Path) -> Path:
    """Return the folder of sources below a test's own folder."""
    return folder / CACHE_FOLDER

"""Serves the built web app: hashed files for ever, the page itself never from a cache.

A path without a file suffix that a browser asks for as HTML is one of the app's own pages, so it
gets `index.html`. Files with a `.br` or `.gz` beside them are given compressed. Nothing outside
the folder is ever given out.
"""

import asyncio
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from litestar import Request, Response
from rapt.errors import NotFound

ENCODINGS = {"br": ".br", "gzip": ".gz"}  # in order of preference
IMMUTABLE = "public, max-age=31536000, immutable"
NO_APP = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Rapt</title>
<p>The web app is not built yet. <code>./rapt up</code> builds it; so does
<code>npm ci &amp;&amp; npm run build</code> in the folder <code>web</code>; then reload.</p></html>
"""
_OURS = ("v1", "ws", "schema")  # never pages of the app
_MAX_PATH = 1024
_MAX_NAME_BYTES = 255  # of every file system that we know
_HASHED = "assets"  # the folder of files whose name changes with their content


@dataclass(frozen=True, slots=True)
class File:
    """A file as it leaves."""

    body: bytes
    etag: str
    encoding: str | None


class WebApp:
    """The folder of the built web app."""

    def __init__(self, folder: Path, *, media_origins: tuple[str, ...]) -> None:
        self._folder = folder.resolve()
        self._headers = security_headers(media_origins)

    async def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give the file of a path, or the app's page.

        Raises:
            NotFound: there is no such file, and it is no page.
        """
        index = self._folder / "index.html"
        if not await asyncio.to_thread(index.is_file):
            if self._wants_page(request):
                return Response(
                    NO_APP.encode(), status_code=503, media_type="text/html", headers=self._headers
                )
            raise NotFound("there is no such address, and the web app is not built")
        path = self._file(request.url.path)
        is_page = path is None or not await asyncio.to_thread(path.is_file)
        if is_page and not self._wants_page(request):
            raise NotFound("there is no such address")
        return await self._give(request, index if path is None or is_page else path)

    def _file(self, path: str) -> Path | None:
        """Return the file a path names; None for the app's pages and for anything outside."""
        parts = PurePosixPath(path.lstrip("/")).parts
        if not parts or len(path) > _MAX_PATH or any(_is_odd(part) for part in parts):
            return None
        file = self._folder.joinpath(*parts).resolve()
        return file if file.is_relative_to(self._folder) else None

    def _wants_page(self, request: Request[Any, Any, Any]) -> bool:
        path = PurePosixPath(request.url.path)
        first = path.parts[1] if len(path.parts) > 1 else ""
        wants_html = "text/html" in request.headers.get("accept", "")
        return wants_html and not path.suffix and first not in _OURS

    async def _give(self, request: Request[Any, Any, Any], path: Path) -> Response[bytes]:
        accepted = request.headers.get("accept-encoding", "")
        file = await asyncio.to_thread(_load, path, accepted)
        is_hashed = path.parent == self._folder / _HASHED
        headers = {
            **self._headers,
            "etag": file.etag,
            "vary": "Accept-Encoding",
            "cache-control": IMMUTABLE if is_hashed else "no-cache",
        }
        if request.headers.get("if-none-match") == file.etag:
            return Response(b"", status_code=304, headers=headers)
        if file.encoding is not None:
            headers["content-encoding"] = file.encoding
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(file.body, media_type=media_type, headers=headers)


def _is_odd(part: str) -> bool:
    """Return whether a part of a path is hidden, or can be no file's name."""
    return part.startswith(".") or "\0" in part or len(part.encode()) > _MAX_NAME_BYTES


def security_headers(media_origins: tuple[str, ...]) -> dict[str, str]:
    """Return what a browser may do with our pages: nothing from elsewhere but the videos named."""
    media = " ".join(["'self'", "blob:", *media_origins])
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; "
        f"media-src {media}; connect-src 'self'; worker-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(self), microphone=(), geolocation=()",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }


def _load(path: Path, accepted: str) -> File:
    stat = path.stat()
    offered = {part.partition(";")[0].strip() for part in accepted.lower().split(",")}
    for encoding, suffix in ENCODINGS.items():
        packed = path.with_name(path.name + suffix)
        if encoding in offered and packed.is_file():
            etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}-{encoding}"'
            return File(packed.read_bytes(), etag, encoding)
    return File(path.read_bytes(), f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"', None)

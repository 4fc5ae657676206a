"""Routes that take a video file and give it out, whole or in ranges so that players can seek.

A file's address is the right to see it: a `<video>` element sends no token, and content ids
cannot be guessed.
"""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Stream
from rapt.errors import InvalidMessage, NotFound, NotPermitted, NotSignedIn

from gateway.creators.contents import ContentView, view
from gateway.creators.ranges import read_range
from gateway.db.contents import Content, Contents
from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.problems import TooLarge, UnreadableRange, UnsupportedMedia, documented

SUFFIXES = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
}
CHUNK_BYTES = 256 * 1024
ABANDONED_S = 24 * 3600.0  # a part that is older belongs to a gateway that was killed
HEADERS = {
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=3600",
    # Opened as a page of its own, a file is a player and nothing else.
    "content-security-policy": "default-src 'none'; media-src 'self'; frame-ancestors 'none'",
}


_FILM = {
    status: ResponseSpec(
        bytes, generate_examples=False, description=description, media_type="video/*"
    )
    for status, description in ((200, "The whole file."), (206, "The range asked for."))
}


class Media:
    """The folder of video files."""

    def __init__(self, folder: Path, *, tenant_id: int, max_bytes: int) -> None:
        self._folder = folder
        self.tenant_id = tenant_id
        """Whose files are given to those who bring nothing but an address."""
        self.max_bytes = max_bytes
        self._naming = asyncio.Lock()

    def tidy(self) -> None:
        """Remove what a gateway that was killed left half written."""
        for part in self._folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > ABANDONED_S:
                part.unlink(missing_ok=True)

    def path(self, content: Content) -> Path:
        """Return where the file of a content lies.

        Raises:
            NotFound: the content has none.
        """
        path = self._folder / content.media_name
        if not content.media_name or not path.is_file():
            raise NotFound("this content has no video file here; PUT one to this address")
        return path

    async def save(
        self, contents: Contents, content: Content, media_type: str, chunks: AsyncIterator[bytes]
    ) -> Content:
        """Put a file in the place of the one before, once it is whole; return the content.

        Each file has a name of its own: two that come at once do not meet, and who reads the one
        before reads it to its end.

        Raises:
            TooLarge: it is larger than allowed; nothing is kept of it.
            InvalidMessage: it is empty.
        """
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        name = f"{content.id}-{secrets.token_hex(4)}{SUFFIXES[media_type]}"
        part = self._folder / f"{name}.part"
        try:
            with await asyncio.to_thread(part.open, "wb") as file:
                size_bytes = await self._copy(chunks, file)
            if size_bytes == 0:
                raise InvalidMessage("the file is empty; send the video as the body")
            await asyncio.to_thread(part.replace, self._folder / name)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        async with self._naming:
            before = await contents.find(content.tenant_id, content.id)
            after = await contents.set_media(
                content.tenant_id, content.id, media_name=name, media_type=media_type
            )
            if before.media_name:
                old = self._folder / before.media_name
                await asyncio.to_thread(old.unlink, missing_ok=True)
        return after

    async def _copy(self, chunks: AsyncIterator[bytes], file: BinaryIO) -> int:
        size_bytes = 0
        async for chunk in chunks:
            size_bytes += len(chunk)
            if size_bytes > self.max_bytes:
                raise TooLarge(f"the file has more than {self.max_bytes} bytes; send a smaller one")
            await asyncio.to_thread(file.write, chunk)
        return size_bytes


class MediaRoutes(Controller):
    """Video files."""

    path = "/v1/contents/{content_id:str}/media"
    tags: Sequence[str] | None = ("contents",)

    @put(
        request_max_body_size=None,  # `Media` counts, and names the limit
        responses=documented(
            InvalidMessage, NotSignedIn, NotPermitted, NotFound, TooLarge, UnsupportedMedia
        ),
    )
    async def save_media(
        self,
        content_id: FromPath[str],
        request: Request[Any, Any, Any],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
        media: NamedDependency[Media],
    ) -> ContentView:
        """Take the video file of a content; the body is the file. Needs the local access token."""
        caller.must_own()
        content = await contents.find(caller.tenant_id, read_id(content_id, what="content"))
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in SUFFIXES:
            raise UnsupportedMedia(f"send one of {', '.join(SUFFIXES)} as Content-Type")
        if int(request.headers.get("content-length") or 0) > media.max_bytes:
            raise TooLarge(f"the file has more than {media.max_bytes} bytes; send a smaller one")
        return view(await media.save(contents, content, media_type, _body(request)))

    @get(responses=documented(NotFound, UnreadableRange) | _FILM)
    async def give_media(
        self,
        content_id: FromPath[str],
        request: Request[Any, Any, Any],
        contents: NamedDependency[Contents],
        media: NamedDependency[Media],
    ) -> Response[Any]:
        """Give the video file of a content, or the range of it that is asked for."""
        content = await contents.find(media.tenant_id, read_id(content_id, what="content"))
        path = media.path(content)
        stat = await asyncio.to_thread(path.stat)
        etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
        headers = HEADERS | {"etag": etag}
        wanted = request.headers.get("range")
        if request.headers.get("if-range", etag) != etag:
            wanted = None
        part = read_range(wanted, size_bytes=stat.st_size)
        if part is None:
            part = range(stat.st_size)
        else:
            headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{stat.st_size}"
        headers["content-length"] = str(len(part))
        return Stream(
            _read(path, part),
            status_code=206 if "content-range" in headers else 200,
            media_type=content.media_type,
            headers=headers,
        )


async def _body(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except InternalServerException as error:  # so it calls a client that left
        raise InvalidMessage("the connection was cut in the middle of the file") from error


async def _read(path: Path, part: range) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        await asyncio.to_thread(file.seek, part.start, os.SEEK_SET)
        left = len(part)
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
            if not chunk:  # the file was replaced by a shorter one
                return
            left -= len(chunk)
            yield chunk

"""Routes that take a video file and give it out, whole or in ranges so that players can seek.

A file's address is the right to see it: a `<video>` element sends no token, and content ids
cannot be guessed.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
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


class Media:
    """The folder of video files."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self.max_bytes = max_bytes

    def path(self, content: Content) -> Path:
        """Return where the file of a content lies.

        Raises:
            NotFound: the content has none.
        """
        path = self._folder / content.media_name
        if not content.media_name or not path.is_file():
            raise NotFound("this content has no video file here; PUT one to this address")
        return path

    async def save(self, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write a file and put it in place once it is whole; return its size in bytes.

        Raises:
            TooLarge: it is larger than allowed; nothing is kept of it.
        """
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        try:
            with await asyncio.to_thread(part.open, "wb") as file:
                size_bytes = await self._copy(chunks, file)
            await asyncio.to_thread(part.replace, self._folder / name)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size_bytes

    def forget(self, name: str) -> None:
        """Remove a file that was replaced by one with another name."""
        (self._folder / name).unlink(missing_ok=True)

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
        name = f"{content.id}{SUFFIXES[media_type]}"
        if await media.save(name, request.stream()) == 0:
            raise InvalidMessage("the file is empty; send the video as the body")
        if content.media_name not in {"", name}:
            await asyncio.to_thread(media.forget, content.media_name)
        return view(
            await contents.set_media(
                caller.tenant_id, content.id, media_name=name, media_type=media_type
            )
        )

    @get(responses=documented(NotFound, UnreadableRange))
    async def give_media(
        self,
        content_id: FromPath[str],
        request: Request[Any, Any, Any],
        contents: NamedDependency[Contents],
        media: NamedDependency[Media],
    ) -> Response[Any]:
        """Give the video file of a content, or the range of it that is asked for."""
        content = await contents.find_anywhere(read_id(content_id, what="content"))
        path = media.path(content)
        stat = await asyncio.to_thread(path.stat)
        etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
        headers = {"accept-ranges": "bytes", "etag": etag, "cache-control": "private, max-age=3600"}
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

"""A network that loses answers, or is cut, on command."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class FaultyProxy:
    """Forwards TCP to a store. Knows nothing of HTTP but where an INSERT is asked."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.inserts = 0
        self.lost = 0
        self.loses: Callable[[int], bool] = lambda _: False
        """Whether the answer to the n-th insert gets lost, from 1."""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def connect(self) -> None:
        """Let connections through, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Cut every connection and take no new one."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
        self._open.add(back)
        pending = [False]
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._forward(reader, back, pending))
                tasks.create_task(self._return(there, writer, pending))
        except* OSError:
            pass
        finally:
            for end in (writer, back):
                self._open.discard(end)
                end.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, pending: list[bool]
    ) -> None:
        """Client to store; remember whether the answer that comes next shall be lost."""
        while data := await reader.read(1 << 16):
            if b"INSERT" in data:
                self.inserts += 1
                pending[0] = self.loses(self.inserts)
            back.write(data)
            await back.drain()
        back.transport.abort()

    async def _return(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, pending: list[bool]
    ) -> None:
        """Store to client, or into the void."""
        while data := await there.read(1 << 16):
            if pending[0]:
                self.lost += 1
                break
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.transport.abort()

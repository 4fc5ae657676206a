"""`./rapt top`: looks every few seconds until Ctrl-C, or once."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console, RenderableType
from rich.live import Live

from rapt.cli.top.page import page_of
from rapt.cli.top.watch import Watch


@dataclass(frozen=True, slots=True)
class TopWishes:
    """What the person at the terminal asked for."""

    data: Path
    every_s: float = 2.0
    is_once: bool = False
    is_json: bool = False


def show_top(wishes: TopWishes, console: Console) -> None:
    """Show how everything is doing.

    Raises:
        Unavailable: nothing runs, or no more.
    """
    watch = Watch(wishes.data)
    try:
        if wishes.is_json:
            asyncio.run(_print_lines(watch, wishes, console))
        elif wishes.is_once:
            asyncio.run(_look_twice(watch, wishes))
            console.print(_page(watch, wishes, console))
        else:
            asyncio.run(_stay(watch, wishes, console))
    except KeyboardInterrupt:
        return


async def _look_twice(watch: Watch, wishes: TopWishes) -> None:
    await watch.look()
    await asyncio.sleep(wishes.every_s)
    await watch.look()


async def _print_lines(watch: Watch, wishes: TopWishes, console: Console) -> None:
    await watch.look()
    while True:
        await asyncio.sleep(wishes.every_s)
        await watch.look()
        line = msgspec.json.encode(watch.picture()).decode()
        console.print(line, soft_wrap=True, markup=False, highlight=False)
        if wishes.is_once:
            return


async def _stay(watch: Watch, wishes: TopWishes, console: Console) -> None:
    await watch.look()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(_page(watch, wishes, console), refresh=True)
            await asyncio.sleep(wishes.every_s)
            await watch.look()


def _page(watch: Watch, wishes: TopWishes, console: Console) -> RenderableType:
    return page_of(watch.picture(), title=f"Rapt in {wishes.data}", width=console.width)

"""`python -m demo`: a class of students into a live wall, and the heatmap of what they watched."""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.client import Rest
from rapt.errors import Fault, RaptError
from rapt.running import Running
from rich.console import Console

from demo.lesson_video import make_video
from demo.performance import Cast, draw_puppets, make_lesson, perform, puppet_cameras
from demo.report import agreement_of, faults_of, make_report
from demo.script import MIN_SECONDS, make_script
from demo.services import running_services
from demo.summary import pages_of, print_summary
from demo.user_video import FileCamera, only_part

REPOSITORY = Path(__file__).resolve().parents[1]
MAX_STUDENTS = 1000

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
terminal = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the terminal asked for."""

    students: int
    seconds: int
    is_headless: bool
    json: Path | None
    video: Path | None
    data: Path
    models: Path | None
    port: int | None


@app.command(
    epilog="Example: [bold]./rapt demo --students 12[/], [bold]./rapt demo --headless --json -[/]"
)
def demo(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    students: Annotated[int, typer.Option(min=1, max=MAX_STUDENTS, help="How many come.")] = 12,
    seconds: Annotated[int, typer.Option(min=MIN_SECONDS, help="Length of the lesson.")] = 60,
    headless: Annotated[
        bool, typer.Option("--headless", help="No browser: end by itself, fail if anything is off.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option(help="Write the numbers here; - for standard output.")
    ] = None,
    video: Annotated[
        Path | None, typer.Option(help="Put your own video file before the camera of one student.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Data folder.")] = REPOSITORY / ".rapt",
    models: Annotated[
        Path | None,
        typer.Option(help="Built models.", show_default="models in the data folder"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port of the gateway, 0 for any.", show_default="8000"),
    ] = None,
) -> None:
    """Play a class of students into a live wall, then show where attention was lost."""
    wishes = Wishes(students, seconds, headless, json, video, data, models, port)
    try:
        is_fine = asyncio.run(_run(wishes))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(130) from None
    if not is_fine and headless:
        raise typer.Exit(1)


async def _run(wishes: Wishes) -> bool:
    """Hold the class; whether everything is as it must be."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we run inside asyncio.run
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    camera = FileCamera(wishes.video) if wishes.video is not None else None
    async with running_services(wishes.data, models=wishes.models, port=wishes.port) as running:
        is_fine = await _hold(wishes, running, camera)
        if not wishes.is_headless:
            await _stay()
    return is_fine


async def _hold(wishes: Wishes, running: Running, camera: FileCamera | None) -> bool:
    async with Rest(running.gateway_url, running.local_token) as rest:
        with terminal.status("drawing puppets and slides"):
            cast, video = await asyncio.gather(_cast(wishes, camera), _video(wishes.seconds))
        content_id = await make_lesson(rest, wishes.seconds, video)
        _print_pages(running, content_id, when="now")
        lesson = await perform(rest, content_id, wishes.seconds, cast, terminal)
    report, faults = make_report(lesson), faults_of(lesson)
    print_summary(terminal, report, agreement_of(lesson), faults)
    if wishes.json is not None:
        _write_json(wishes.json, msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    if not wishes.is_headless:
        _print_pages(running, content_id, when="and what is stored")
    return not faults


async def _cast(wishes: Wishes, camera: FileCamera | None) -> Cast:
    if camera is not None:
        return Cast([only_part(wishes.seconds)], [camera], is_scripted=False)
    drawn = await asyncio.to_thread(draw_puppets, wishes.models or wishes.data / "models")
    parts = make_script(students=wishes.students, seconds=wishes.seconds)
    return Cast(parts, puppet_cameras(drawn, wishes.students))


async def _video(seconds: int) -> bytes | None:
    """The lesson's video; without one the class still works, and so do all numbers."""
    try:
        return await make_video(seconds)
    except Fault as problem:
        terminal.print(f"[yellow]![/] {problem}", highlight=False)
        return None


def _print_pages(running: Running, content_id: str, *, when: str) -> None:
    terminal.print(f"\nLook in a browser, {when}:")
    for name, url in pages_of(running, content_id).items():
        terminal.print(f"  {name:<6} {url}", soft_wrap=True, highlight=False, markup=False)
    terminal.print()


async def _stay() -> None:
    """Wait for Ctrl-C or SIGTERM; both are a good end."""
    terminal.print("Rapt keeps running so that you can look. Ctrl-C stops it.")
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    await enough.wait()


def _write_json(path: Path, body: bytes) -> None:
    if str(path) == "-":
        typer.echo(body, nl=False)
    else:
        path.write_bytes(body)


if __name__ == "__main__":
    app()

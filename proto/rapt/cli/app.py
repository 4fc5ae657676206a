"""The commands of `./rapt`, each with an example in its help."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rapt.cli.place import Place
from rapt.cli.up import Wishes, serve
from rapt.errors import RaptError

app = typer.Typer(
    name="./rapt",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start here: [bold]./rapt demo[/] plays a class of students into a live wall.",
)
PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder.", show_default=".rapt in the checkout"),
]


@app.callback()
def about() -> None:
    """Rapt measures attention to live lessons and recorded video, second by second."""


@app.command(epilog="Example: [bold]./rapt up --port 9000 --data /srv/rapt[/]")
def up(  # noqa: PLR0913, PLR0917  one argument per option is how typer reads them
    ctx: typer.Context,
    data: Data = None,
    models: Annotated[
        Path | None,
        typer.Option(help="Folder of the built models.", show_default="models in the data folder"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the gateway.", show_default="8000")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Interface of the gateway.", show_default="127.0.0.1"),
    ] = None,
    store_url: Annotated[
        str | None, typer.Option(help="Use this ClickHouse: http://user:password@host:8123/rapt")
    ] = None,
    redis_url: Annotated[
        str | None, typer.Option(help="Use this Redis or Valkey: redis://host:6379/0")
    ] = None,
) -> None:
    """Serve until Ctrl-C: Valkey, the store, inference and the gateway."""
    place = place_of(ctx)
    wishes = Wishes(
        data=data or place.data,
        models=models,
        host=host,
        port=port,
        store_url=store_url,
        redis_url=redis_url,
    )
    asyncio.run(serve(place, wishes, Console(stderr=True)))


def place_of(ctx: typer.Context) -> Place:
    """Return where we are, as `main` said."""
    assert isinstance(ctx.obj, Place)  # noqa: S101  `main` put it there
    return ctx.obj


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run one command; a problem that we know becomes one sentence and exit status 1."""
    try:
        app(args=list(arguments), obj=Place(environ=environ), prog_name="./rapt")
    except RaptError as problem:
        Console(stderr=True).print(f"rapt: {problem}", style="red", markup=False, highlight=False)
        raise SystemExit(1) from problem

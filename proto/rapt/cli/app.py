"""The commands of `./rapt`, each with an example in its help."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from rapt.address import MAX_PORT
from rapt.cli.benching import run_bench
from rapt.cli.doctor import examine
from rapt.cli.generate import generate_all, stale_files
from rapt.cli.handover import asks_for_help, become, option_of
from rapt.cli.modelling import run_models
from rapt.cli.place import Place
from rapt.cli.setup import prepare_models, prepare_pages
from rapt.cli.testing import Scope, run_tests
from rapt.cli.top.command import TopWishes, show_top
from rapt.cli.top.explanations import print_explanations
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

terminal = Console(stderr=True)

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder.", show_default=".rapt in the checkout"),
]
StoreUrl = Annotated[
    str | None, typer.Option(help="Use this ClickHouse: http://user:password@host:8123/rapt")
]
RedisUrl = Annotated[str | None, typer.Option(help="Use this Redis or Valkey: redis://host:6379/0")]
PoolKind = Annotated[
    Literal["local", "ray"] | None,
    typer.Option("--pool", help="One inference worker, or Ray actors.", show_default="local"),
]
PoolSize = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, help="Workers of the pool.", show_default="as the machine allows"
    ),
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
        int | None,
        typer.Option(min=1, max=MAX_PORT, help="Port of the gateway.", show_default="8000"),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Interface of the gateway.", show_default="127.0.0.1"),
    ] = None,
    store_url: StoreUrl = None,
    redis_url: RedisUrl = None,
    pool: PoolKind = None,
    workers: PoolSize = None,
    *,
    no_setup: Annotated[
        bool, typer.Option("--no-setup", help="Build neither web app nor models first.")
    ] = False,
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
        pool=pool,
        workers=workers,
    )
    if not no_setup:
        prepare_pages(place, terminal)
    if not no_setup and models is None:
        prepare_models(place, wishes.data / "models")
    serve(place, wishes, terminal)


@app.command(context_settings=PASS_ON, epilog="Example: [bold]./rapt demo --students 12[/]")
def demo(ctx: typer.Context) -> None:
    """Play a class of students into a live wall, then show where attention was lost."""
    place = place_of(ctx)
    if not asks_for_help(ctx.args):
        data = Path(option_of(ctx.args, "--data") or place.data)
        prepare_pages(place, terminal)
        prepare_models(place, data / "models")
    become(place, "demo", ctx.args)


@app.command("test", epilog="Example: [bold]./rapt test tests/cli[/], [bold]./rapt test heatmap[/]")
def check_everything(
    ctx: typer.Context,
    patterns: Annotated[
        list[str] | None, typer.Argument(help="Only the tests in these paths or with these words.")
    ] = None,
    *,
    long: Annotated[bool, typer.Option("--long", help="Soaks and many kills, too.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A skipped test is a failure.")] = False,
) -> None:
    """Check style, types, imports, stubs, and run every test."""
    wishes = Scope(patterns=tuple(patterns or ()), is_long=long, is_strict=strict)
    if not run_tests(place_of(ctx), wishes, terminal):
        raise typer.Exit(1)


@app.command(epilog="Example: [bold]./rapt doctor --data /srv/rapt[/]")
def doctor(ctx: typer.Context, data: Data = None) -> None:
    """Say what runs where, what is missing and how to mend it."""
    place = place_of(ctx)
    if not examine(place, data or place.data, Console()):
        raise typer.Exit(1)


@app.command(epilog="Example: [bold]./rapt top[/], [bold]./rapt top --once[/]")
def top(
    ctx: typer.Context,
    data: Data = None,
    every: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between looks.")] = 2.0,
    *,
    once: Annotated[bool, typer.Option("--once", help="Look for one interval, then end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Watch streams, frames, batches, devices, spool and sockets, as numbers."""
    wishes = TopWishes(data or place_of(ctx).data, every, is_once=once, is_json=as_json)
    show_top(wishes, Console())


@app.command(epilog="Example: [bold]./rapt explain[/], [bold]./rapt explain --last 20[/]")
def explain(
    ctx: typer.Context,
    data: Data = None,
    last: Annotated[int, typer.Option(min=1, max=256, help="How many plans.")] = 256,
) -> None:
    """Say why the last batches of each worker were cut where they were."""
    print_explanations(data or place_of(ctx).data, last, Console())


@app.command(
    context_settings=PASS_ON,
    epilog="Example: [bold]./rapt models list[/], [bold]./rapt models build[/]",
)
def models(ctx: typer.Context) -> None:
    """List, build or verify the models."""
    run_models(place_of(ctx), ctx.args)


@app.command(
    context_settings={**PASS_ON, "help_option_names": ["-h", "--help"]},
    epilog="Example: [bold]./rapt bench end-to-end --json out.json[/]",
)
def bench(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Which one; without it, a list.")] = None,
) -> None:
    """Measure one thing on this machine."""
    run_bench(place_of(ctx), name, ctx.args, terminal)


@app.command(epilog="Example: [bold]./rapt generate --check[/]")
def generate(
    ctx: typer.Context,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing, only compare.")] = False,
) -> None:
    """Make the stubs of the .proto files and the tables of the configuration."""
    place = place_of(ctx)
    if not check:
        generate_all(place)
        return
    stale = stale_files(place)
    for file in stale:
        terminal.print(f"{file} is not what its source says; run ./rapt generate")
    if stale:
        raise typer.Exit(1)


def place_of(ctx: typer.Context) -> Place:
    """Return where we are, as `main` said."""
    assert isinstance(ctx.obj, Place)  # noqa: S101  `main` put it there
    return ctx.obj


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run one command; a problem that we know becomes one sentence and exit status 1."""
    try:
        app(args=list(arguments), obj=Place(environ=environ), prog_name="./rapt")
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, highlight=False)
        raise SystemExit(1) from problem

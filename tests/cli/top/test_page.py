"""What is coloured, and which device is named."""

import io
from typing import Literal

import msgspec
import pytest
from rapt.cli.top.figures import WorkerFigures
from rapt.cli.top.page import page_of
from rapt.cli.top.watch import Picture
from rich.console import Console

from tests.cli.top.scrapes import between

YELLOW = "\x1b[33m"
WELL = msgspec.structs.replace(
    WorkerFigures.of("local", [between("a 1\n", "a 1\n")]), device="CPU", load=0.4, busy_share=0.95
)


def page(*workers: WorkerFigures, is_colourful: bool = False) -> str:
    """Return what a terminal shows."""
    picture = Picture(
        span_s=2, workers=workers, together=workers[0], restarts=0, gateway=None, store=None,
        away=(),
    )  # fmt: skip
    shown = io.StringIO()
    colours: Literal["standard"] | None = "standard" if is_colourful else None
    console = Console(file=shown, width=100, force_terminal=is_colourful, color_system=colours)
    console.print(page_of(picture, title="Rapt", width=100))
    return shown.getvalue()


@pytest.mark.parametrize(("load", "is_yellow"), [(0.4, False), (0.9, True), (1.4, True)])
def test_a_full_device_is_yellow_and_a_busy_one_is_not(load: float, *, is_yellow: bool) -> None:
    """All three are busy 95 % of the time."""
    shown = page(msgspec.structs.replace(WELL, load=load), is_colourful=True)
    assert f"{load:.0%}" in shown
    assert "busy 95%" in shown
    assert (YELLOW in shown) is is_yellow


def test_the_device_is_named() -> None:
    """Once where all have the same, else with its workers."""
    cpu, cuda = (
        msgspec.structs.replace(WELL, name=f"worker-{number}", device=device)
        for number, device in enumerate(("CPU", "CUDA"))
    )

    def row(*workers: WorkerFigures) -> str:
        return next(line for line in page(*workers).splitlines() if line.startswith("devices"))

    assert row(cuda).split()[:3] == ["devices", "CUDA", "busy"]
    assert "CPU: worker-0   CUDA: worker-1" in row(cpu, cuda)
    assert row(msgspec.structs.replace(WELL, device="")).split()[1] == "–"

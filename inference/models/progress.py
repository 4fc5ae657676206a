"""What does a build tell the one who waits for it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Teller(Protocol):
    """Hears what the build does."""

    def step(self, text: str, *, of: int | None = None) -> None:
        """Start a step; `of` is its size when that is known."""

    def done(self, amount: int) -> None:
        """Say how much of the step's size is done in all."""


class Bars:
    """One bar per step, on the terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("models", total=None, visible=False)

    def step(self, text: str, *, of: int | None = None) -> None:
        """Close the bar of the last step and start the next one."""
        self.close()
        self._task = self._progress.add_task(text, total=of)

    def done(self, amount: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=amount)

    def close(self) -> None:
        """Fill the bar of the running step."""
        total = self._progress.tasks[self._task].total or 1
        self._progress.update(self._task, total=total, completed=total)


@contextmanager
def bars() -> Iterator[Bars]:
    """Show bars on the terminal's error stream until the block ends."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        told = Bars(progress)
        yield told
        told.close()

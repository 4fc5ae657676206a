"""`./rapt explain`: why were the last batches as they were? Asked of every worker that runs."""

import asyncio
from pathlib import Path

from rich.console import Console

from rapt.cli.top.places import workers_of
from rapt.explained import explanations_at, sentence


def print_explanations(data: Path, last: int, console: Console) -> None:
    """Print them, oldest first.

    Raises:
        Unavailable: nothing runs, or a worker does not answer.
    """
    for name, address in asyncio.run(workers_of(data)).items():
        rows = explanations_at(address)[-last:]
        said = f"{len(rows)} plans, the newest last" if rows else "no frame has come yet"
        console.print(f"worker {name}: {said}", highlight=False)
        for row in rows:
            console.print(sentence(row), soft_wrap=True, markup=False, highlight=False)

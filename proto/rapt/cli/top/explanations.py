"""`./rapt explain`: why were the last batches as they were? Asked of every worker that runs."""

import asyncio
from pathlib import Path

import httpx
import msgspec
from rich.console import Console

from rapt.cli.top.places import workers_of
from rapt.cli.top.scrape import ANSWER_S
from rapt.errors import Unavailable
from rapt.explained import PATH, ExplainedPlan, sentence


def print_explanations(data: Path, last: int, console: Console) -> None:
    """Print them, oldest first.

    Raises:
        Unavailable: nothing runs, or a worker does not answer.
    """
    for name, address in asyncio.run(workers_of(data)).items():
        rows = explanations_at(address)[-last:]
        console.print(f"worker {name}: {len(rows)} plans, the newest last", highlight=False)
        for row in rows:
            console.print(sentence(row), soft_wrap=True, markup=False, highlight=False)


def explanations_at(url: str) -> list[ExplainedPlan]:
    """Ask one worker.

    Args:
        url: of its metrics' server, without a path.

    Raises:
        Unavailable: it does not answer.
    """
    try:
        answer = httpx.get(url + PATH, trust_env=False, timeout=ANSWER_S)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"no worker explains itself at {url}: {error}") from error
    return msgspec.json.decode(answer.content, type=list[ExplainedPlan])

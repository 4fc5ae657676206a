"""What the services say about the class afterwards, read back through REST."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapt.client import Heatmap, Rest, SessionFact, Totals

from demo.sheet import Sheet

WAIT_S = 30.0
"""Facts are safe on the worker's disk first and reach the store within seconds."""

GOODBYES = frozenset({"completed", "left"})
"""How a session ends that said goodbye."""

AT_ONCE = 8
"""Requests under way."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was read back."""

    totals: Totals
    heatmap: Heatmap
    facts: Mapping[str, Sequence[SessionFact]]
    """By session."""


async def read_back(rest: Rest, content_id: str, sheets: Sequence[Sheet]) -> Findings:
    """Wait until the store has what the workers wrote, then read it."""
    totals = await _settled(rest, content_id, sheets)
    heatmap = await rest.heatmap(content_id)
    gate = asyncio.Semaphore(AT_ONCE)
    facts: dict[str, Sequence[SessionFact]] = {}

    async def read(session_id: str) -> None:
        async with gate:
            facts[session_id] = await rest.facts(session_id)

    async with asyncio.TaskGroup() as group:
        for sheet in sheets:
            if sheet.session_id:
                group.create_task(read(sheet.session_id))
    return Findings(totals, heatmap, facts)


async def _settled(rest: Rest, content_id: str, sheets: Sequence[Sheet]) -> Totals:
    """Totals as soon as everything that was written is stored, or when the time is over."""
    facts, interactions, sessions = written(sheets)
    loop = asyncio.get_running_loop()
    until_s = loop.time() + WAIT_S
    while True:
        totals = await rest.totals(content_id)
        is_there = (
            totals.facts >= facts
            and totals.interactions >= interactions
            and totals.sessions >= sessions
        )
        if is_there and await _ended(rest, content_id) >= sessions:
            return totals
        if loop.time() >= until_s:
            return totals
        await asyncio.sleep(0.5)


async def _ended(rest: Rest, content_id: str) -> int:
    """How many sessions are stored with their end: the last row is sent behind all the others."""
    rows = await rest.sessions(content_id)
    return sum(row.exit_reason in GOODBYES for row in rows)


def written(sheets: Sequence[Sheet]) -> tuple[int, int, int]:
    """Facts, interactions and sessions that the workers say they wrote."""
    goodbyes = [sheet.closed for sheet in sheets if sheet.closed is not None]
    return (
        sum(goodbye.facts_written for goodbye in goodbyes),
        sum(goodbye.interactions_written for goodbye in goodbyes),
        len(goodbyes),
    )

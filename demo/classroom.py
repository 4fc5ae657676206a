"""Holds the class: every student at once, bounded, until the last one has left."""

import asyncio
from collections.abc import Sequence

from rapt.errors import Unavailable

from demo.script import Part
from demo.sheet import Sheet
from demo.student import GOODBYE_S, FrameSource, Stage, Student

SLACK_S = 30.0
"""What a class may take beyond its script: opening sessions on a busy machine."""


async def hold_class(
    stage: Stage, parts: Sequence[Part], cameras: Sequence[FrameSource], sheets: Sequence[Sheet]
) -> None:
    """Let everyone attend; counts grow on the sheets meanwhile.

    Raises:
        Unavailable: the class took much longer than its script.
    """
    within_s = class_length_s(parts) + GOODBYE_S + SLACK_S
    try:
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            for part, camera, sheet in zip(parts, cameras, sheets, strict=True):
                group.create_task(Student(stage, part, camera, sheet).attend())
    except TimeoutError as error:
        raise Unavailable(f"the class did not end within {within_s:.0f} s") from error


def class_length_s(parts: Sequence[Part]) -> float:
    """Seconds from the first coming to the last going."""
    return max(part.comes_ms + part.ends_ms for part in parts) / 1000

"""One class from the first frame to the numbers: shared by the demo and the benchmarks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from rapt.client import Rest
from rich.console import Console

from demo.classroom import hold_class
from demo.findings import read_back
from demo.lesson_video import MEDIA_TYPE, TITLE
from demo.progress import show_progress
from demo.puppet.camera import Camera
from demo.puppet.landmarks import load_portraits
from demo.puppet.poses import Drawn, draw_poses
from demo.report import Class
from demo.script import Part
from demo.sheet import Sheet
from demo.student import FrameSource, Stage
from demo.truth import retention
from inference.models.folder import ModelFolder


def draw_puppets(models: Path) -> list[Drawn]:
    """Draw every pose of every portrait, in memory only; two seconds."""
    cv2.setNumThreads(1)  # the services need the other cores
    return [draw_poses(portrait) for portrait in load_portraits(ModelFolder(models))]


def puppet_cameras(drawn: Sequence[Drawn], students: int) -> list[FrameSource]:
    """A camera for each student."""
    return [Camera(drawn, index=index) for index in range(students)]


async def make_lesson(rest: Rest, seconds: int, video: bytes | None) -> str:
    """Make the content, give it its video, and return its id."""
    content = await rest.create_content(TITLE, kind="video", length_ms=seconds * 1000)
    if video is not None:
        await rest.put_media(content.id, video, media_type=MEDIA_TYPE)
    return content.id


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays what."""

    parts: Sequence[Part]
    cameras: Sequence[FrameSource]
    is_scripted: bool = True
    """False when nobody knows what the camera will see."""


async def perform(rest: Rest, content_id: str, seconds: int, cast: Cast, console: Console) -> Class:
    """Hold the class and read back what is stored about it."""
    sheets = [Sheet(part.name) for part in cast.parts]
    stage = Stage(rest, content_id, seconds * 1000)
    async with asyncio.TaskGroup() as group:
        progress = group.create_task(show_progress(console, sheets))
        await hold_class(stage, cast.parts, cast.cameras, sheets)
        progress.cancel()
    with console.status("reading back what is stored"):
        findings = await read_back(rest, content_id, sheets)
    return Class(
        content_id=content_id,
        seconds=seconds,
        parts=cast.parts,
        sheets=sheets,
        findings=findings,
        truth=retention(cast.parts, seconds * 1000),
        is_scripted=cast.is_scripted,
    )

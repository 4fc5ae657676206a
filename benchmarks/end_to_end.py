"""How many students does this machine carry, from camera to verdict to stored fact?

The class of the demo is repeated with more and more students, twice as many each time, until the
95th percentile from capture to verdict passes 250 ms or fewer than 98 % of the frames that were due
get a verdict; then the number between is narrowed down. Open loop: frames are due on schedule, and
age counts from the schedule. A full device asks everyone for fewer frames; those are due all the
same, so a class that is measured less often is not carried. The students run on the same machine,
so their drawing (about half a millisecond a frame) is included.
"""

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rapt.client import Rest
from rapt.errors import RaptError
from rapt.running import Running
from rich.console import Console
from rich.table import Table

from benchmarks.record import RESULTS, record
from benchmarks.usage import Usage, usage_of
from demo.performance import Cast, draw_puppets, make_lesson, perform, puppet_cameras
from demo.puppet.poses import Drawn
from demo.report import MAX_P95_MS, MIN_VERDICT_SHARE, Class, faults_of, make_report, percentile
from demo.script import MIN_SECONDS, make_script
from demo.services import running_services

REPOSITORY = Path(__file__).resolve().parents[1]
WARM_UP_STUDENTS = 4
WARM_UP_MS = 5_000
"""Answers to frames of everyone's first seconds are left out: everyone opens a session at once."""

NARROW_TO = 0.15
"""The answer is narrowed until good and bad are this close."""

terminal = Console(stderr=True)
app = typer.Typer(add_completion=False)


class Step(msgspec.Struct, frozen=True):
    """One class."""

    students: int
    is_carried: bool
    frames_due: int
    """Two a second: sent, and those that could not be or that the server did not want."""
    verdicts: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    agreement: float | None
    facts_per_s: float
    cpu_s_per_1000_frames: dict[str, float]
    """By service; "students" is this process."""
    memory_mb: dict[str, float]
    other_faults: list[str]
    """What else was off; not part of the question."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all classes share."""

    rest: Rest
    running: Running
    drawn: list[Drawn]
    seconds: int
    max_students: int


@app.command()
def main(  # noqa: PLR0913 - one argument per option is how typer reads them
    *,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    seconds: Annotated[int, typer.Option(min=MIN_SECONDS, help="Length of each class.")] = 30,
    first: Annotated[int, typer.Option(min=1, help="Students in the first class.")] = 12,
    most: Annotated[int, typer.Option(min=1, help="Never try more than this.")] = 768,
    data: Annotated[Path, typer.Option(help="Data folder.")] = REPOSITORY / ".rapt",
    models: Annotated[Path | None, typer.Option(help="Built models.")] = None,
    results: Annotated[Path, typer.Option(help="Append the line here.")] = RESULTS,
) -> None:
    """How many students does this machine carry, from camera to verdict to stored fact?"""
    load_before = round(os.getloadavg()[0], 1)  # others on the machine make the answer smaller
    try:
        steps = asyncio.run(_run(data, models, seconds, first, most))
    except RaptError as problem:
        terminal.print(f"rapt: {problem}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from problem
    figures = {"students": carried(steps), "steps": [msgspec.to_builtins(s) for s in steps]}
    parameters = {
        "seconds": seconds,
        "fps": 2,
        "p95_ms": MAX_P95_MS,
        "share": MIN_VERDICT_SHARE,
        "load_before": load_before,
    }
    record("end_to_end", parameters=parameters, figures=figures, path=results, copy=json)
    print(f"This machine carries {carried(steps)} students at 2 frames a second.\n")
    Console().print(table_of(steps))


async def _run(data: Path, models: Path | None, seconds: int, first: int, most: int) -> list[Step]:
    async with running_services(data, models=models, port=0) as running:
        drawn = await asyncio.to_thread(draw_puppets, models or data / "models")
        async with Rest(running.gateway_url, running.local_token) as rest:
            setting = Setting(rest, running, drawn, seconds, most)
            await _class(setting, WARM_UP_STUDENTS, MIN_SECONDS)
            return await _search(setting, first)


async def _search(setting: Setting, first: int) -> list[Step]:
    """Double until a class is too much, then narrow down."""
    steps: list[Step] = []
    students: int | None = first
    while students is not None:
        step = await _step(setting, students)
        steps.append(step)
        terminal.print(f"{step.students} students: p95 {step.p95_ms:.0f} ms", highlight=False)
        students = next_students(steps, most=setting.max_students)
    return sorted(steps, key=lambda step: step.students)


def next_students(steps: list[Step], *, most: int) -> int | None:
    """How many students the next class has; None when the answer is known well enough."""
    good = max((step.students for step in steps if step.is_carried), default=0)
    bad = min((step.students for step in steps if not step.is_carried), default=None)
    if bad is None:
        return None if good >= most else min(2 * good, most)
    if bad - good <= max(1, math.floor(NARROW_TO * bad)):
        return None
    return (good + bad) // 2


def carried(steps: list[Step]) -> int:
    """The most students of a class that was carried, below every one that was not."""
    bad = min((step.students for step in steps if not step.is_carried), default=math.inf)
    return max((s.students for s in steps if s.is_carried and s.students < bad), default=0)


async def _step(setting: Setting, students: int) -> Step:
    pids = {**setting.running.pids, "students": os.getpid()}
    before = usage_of(pids)
    lesson = await _class(setting, students, setting.seconds)
    return step_of(lesson, before, usage_of(pids))


async def _class(setting: Setting, students: int, seconds: int) -> Class:
    cast = Cast(
        make_script(students=students, seconds=seconds, seed=students),
        puppet_cameras(setting.drawn, students),
    )
    content_id = await make_lesson(setting.rest, seconds, None)
    return await perform(setting.rest, content_id, seconds, cast, terminal)


def step_of(lesson: Class, before: Mapping[str, Usage], after: Mapping[str, Usage]) -> Step:
    """Put the figures of one class together."""
    report = make_report(lesson)
    due = report.frames_sent + sum(
        sheet.frames_unsent + sheet.frames_unwanted for sheet in lesson.sheets
    )
    steady = [ms for sheet in lesson.sheets for ms in sheet.latencies_ms(from_ms=WARM_UP_MS)]
    p50_ms, p95_ms, p99_ms = (round(percentile(steady, share), 1) for share in (0.5, 0.95, 0.99))
    is_fast = p95_ms <= MAX_P95_MS
    is_answered = report.verdicts >= MIN_VERDICT_SHARE * due > 0
    spent = {name: after[name].cpu_s - before[name].cpu_s for name in after if name in before}
    return Step(
        students=report.students,
        is_carried=is_fast and is_answered,
        frames_due=due,
        verdicts=report.verdicts,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        agreement=report.agreement,
        facts_per_s=round(report.facts_written / lesson.seconds, 1),
        cpu_s_per_1000_frames={
            name: round(1000 * cpu_s / max(report.verdicts, 1), 2) for name, cpu_s in spent.items()
        },
        memory_mb={name: usage.memory_mb for name, usage in after.items()},
        other_faults=faults_of(lesson),
    )


def table_of(steps: list[Step]) -> Table:
    """What people read."""
    table = Table(title="From capture to verdict", title_justify="left", box=None)
    for name in ("students", "due", "verdicts", "p50 ms", "p95 ms", "p99 ms", "carried"):
        table.add_column(name, justify="right")
    for step in steps:
        table.add_row(
            str(step.students),
            str(step.frames_due),
            f"{step.verdicts / max(step.frames_due, 1):.1%}",
            f"{step.p50_ms:.0f}",
            f"{step.p95_ms:.0f}",
            f"{step.p99_ms:.0f}",
            "yes" if step.is_carried else "no",
        )
    return table


if __name__ == "__main__":
    app()

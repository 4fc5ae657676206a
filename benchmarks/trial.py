"""One server under one load: started, warmed, measured, ended."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.load.crew import crew
from benchmarks.load.figures import Figures, figures_of
from benchmarks.load.schedule import Scenario
from benchmarks.servers.server import Reading, Recipe, Setting, running

SENDERS = 2  # processes
WAIT_S = 3.0  # for answers after the last frame has left
Make = Callable[[Path, Setting], Recipe]
"""Returns how a server is started, given a folder for its words."""


class Trial(msgspec.Struct, frozen=True):
    """What one run showed."""

    figures: Figures
    mean_batch: float | None
    """Frames per run of the model; None when it does not count."""
    busy_share: float | None
    """Of the time, that the model ran."""
    cpu_s_per_1000_frames: float | None
    """Of the server with everything that it started, per 1000 answers in time; None without any."""
    cpu_cores: float
    """Cores that the same kept at work, whatever came of it."""
    peak_mb: float
    """Of the same."""
    sending_cores: float
    """Processor time that sending took, cores."""
    problems: list[str]
    """Errors that the server gave, at most a few."""


def scenario_at(one: Scenario, load_pct: float, capacity_per_s: float, *, run: int = 0) -> Scenario:
    """Return a scenario with as many streams as make that load; each run has phases of its own."""
    streams = max(1, round(load_pct / 100 * capacity_per_s / one.fps))
    return msgspec.structs.replace(one, streams=streams, seed=one.seed + run)


async def try_out(
    make: Make,
    setting: Setting,
    scenario: Scenario,
    *,
    capacity_per_s: float,
    senders: int = SENDERS,
) -> Trial:
    """Start a server, put it under load, and end it.

    Args:
        make: returns how it is started.
        setting: what it is given.
        scenario: the load.
        capacity_per_s: what its model could do at best.
        senders: processes that send.

    Raises:
        Unavailable: the server or a sending process did not get ready.
        Misconfigured: its environment could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as folder:
        recipe = make(Path(folder), setting)
        async with (
            running(recipe) as server,
            crew(
                recipe.target,
                scenario,
                processes=senders,
                picture=setting.picture,
                wait_s=WAIT_S,
            ) as sending,
        ):
            await sending.begin()
            await sending.until(scenario.warm_up_s)
            before = server.reading()
            await sending.until(scenario.end_s)
            after = server.reading()
            log, sending_s = await sending.report()
    figures = figures_of(scenario, log, capacity_per_s=capacity_per_s)
    return trial_of(figures, before, after, log.problems, sending_s / scenario.end_s)


def trial_of(
    figures: Figures, before: Reading, after: Reading, problems: list[str], sending_cores: float
) -> Trial:
    """Put the figures of one run together."""
    lasted_s = after.at_s - before.at_s
    runs = after.counts.runs - before.counts.runs
    frames = after.counts.frames - before.counts.frames
    busy_s = after.counts.busy_s - before.counts.busy_s
    good = figures.good_per_s * lasted_s
    cpu_s = after.tree.cpu_s - before.tree.cpu_s
    return Trial(
        figures=figures,
        mean_batch=round(frames / runs, 2) if runs else None,
        busy_share=round(busy_s / lasted_s, 3) if runs else None,
        cpu_s_per_1000_frames=round(1000 * cpu_s / good, 2) if good else None,
        cpu_cores=round(cpu_s / lasted_s, 3),
        peak_mb=after.tree.peak_mb,
        sending_cores=round(sending_cores, 3),
        problems=problems,
    )

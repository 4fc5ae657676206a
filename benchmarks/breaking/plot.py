"""What people see of the benchmark of faults: how soon everyone is measured again, and memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from benchmarks.breaking.churning import Churned
from benchmarks.plots import FOLDER, LIMIT, OTHERS, OURS, QUIET, picture

MOST_S = 3.0
"""After which everyone must be measured again when a worker is killed."""


def draw_faults(
    waits_s: Mapping[str, Sequence[float]],
    churned: Churned,
    *,
    minutes: float,
    folder: Path = FOLDER,
) -> None:
    """Draw both.

    Args:
        waits_s: seconds until each stream had a verdict again, by what was done to its worker.
        churned: the memory while clients came and went.
        minutes: of it.
        folder: where the files go.
    """
    with picture("faults", width=9.0, height=3.6, panels=2, folder=folder) as (again, memory):
        _draw_waits(again, waits_s)
        _draw_memory(memory, churned, minutes)


def _draw_waits(axes: Axes, waits_s: Mapping[str, Sequence[float]]) -> None:
    """How many streams have a verdict again, so many seconds later."""
    most_s = MOST_S
    for (name, waits), tint in zip(waits_s.items(), (OURS, *OTHERS), strict=False):
        seen = sorted(wait for wait in waits if np.isfinite(wait))
        most_s = max([most_s, *seen])
        axes.step([0.0, *seen], range(len(seen) + 1), where="post", color=tint, label=name)
    axes.axvline(MOST_S, color=LIMIT, linewidth=1, linestyle=":")
    axes.annotate(
        "limit",
        (MOST_S, 0.95),
        xycoords=("data", "axes fraction"),
        xytext=(-4, 0),
        textcoords="offset points",
        color=QUIET,
        ha="right",
    )
    axes.set_xlim(0, 1.1 * most_s)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds after the worker was …")
    axes.set_title("Streams with a verdict again")
    axes.legend(loc="best")


def _draw_memory(axes: Axes, churned: Churned, minutes: float) -> None:
    """What the worker holds, and how fast that grows in the second half."""
    points = len(churned.churn_mb)
    places = [minutes * (place + 0.5) / points for place in range(points)]
    axes.plot(places, churned.churn_mb, color=OURS)
    slope, error = churned.churn_mb_per_h, churned.churn_error_mb_per_h
    axes.annotate(
        f"second half: {slope:+.0f} ± {error:.0f} MB an hour",
        (0.97, 0.06),
        xycoords="axes fraction",
        color=QUIET,
        ha="right",
    )
    axes.set_xlim(0, minutes)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"minutes of {churned.visits} visits")
    axes.set_title("Memory of the worker, MB")

"""Who is in time at 95 % and at 150 % of the capacity? One bar for each way of waiting."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.plots import FOLDER, OURS, QUIET, is_ours, picture
from benchmarks.simulated.figures import Figures
from benchmarks.simulated.loads import capacity

OTHER = "#b9bcc2"


def draw_queues(tables: Mapping[str, Mapping[str, Figures]], *, folder: Path = FOLDER) -> None:
    """Draw the share of what is possible that comes in time, as `scheduling.png` and `.svg`."""
    with picture("scheduling", width=9.0, height=3.6, panels=2, folder=folder) as panels:
        for axes, load in zip(panels, ("95", "150"), strict=True):
            rows = tables[load]
            possible = min(capacity(), next(iter(rows.values())).offered_per_s)
            pcts = [min(100 * row.in_time_per_s / possible, 100) for row in rows.values()]
            tints = [OURS if is_ours(name) else OTHER for name in rows]
            bars = axes.barh(list(rows), pcts, color=tints, height=0.7)
            axes.bar_label(bars, [f"{pct:.0f}" for pct in pcts], padding=3, color=QUIET)
            axes.invert_yaxis()
            axes.set_xlim(0, 112)
            axes.grid(visible=False)
            axes.set_title(f"In time at {load} % load, % of what is possible")
        panels[1].set_yticklabels([])

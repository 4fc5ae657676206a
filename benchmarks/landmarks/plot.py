"""Pictures of both races: how far landmarks lie apart, and how long a frame takes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.plots import FOLDER, OTHERS, OURS, draw_legend, picture

F32 = npt.NDArray[np.float32]

LEAST_PCT = 1e-4
NAMES = ("MediaPipe", "Rapt, the same landmarks", "Rapt, all measured")


def draw_parity(
    differences_pct: Mapping[str, F32], *, limit_pct: float, folder: Path = FOLDER
) -> None:
    """Draw which share of landmarks lies further apart than so much.

    Args:
        differences_pct: percent of the eye distance, by what is compared; ours first.
        limit_pct: the bound.
        folder: where the files go.
    """
    with picture("parity", folder=folder) as [axes]:
        shares = np.linspace(100, 0, 2000)
        colours = (OURS, *OTHERS)
        for (name, apart), colour in zip(differences_pct.items(), colours, strict=False):
            limits = np.percentile(apart, 100 - shares)
            axes.plot(np.maximum(limits, LEAST_PCT), shares, color=colour, label=name)
        axes.set_xscale("log")
        axes.set_yscale("symlog", linthresh=0.1)
        axes.set_ylim(0, 100)
        axes.axvline(limit_pct, color=OTHERS[2], linewidth=1, linestyle=":")
        axes.set_xlabel("distance, % of the distance of the outer eye corners")
        axes.set_ylabel("% of landmarks further apart")
        axes.set_title("Rapt's landmarks against MediaPipe's")
        draw_legend(axes, columns=1)


def draw_throughput(times_ms: Mapping[str, Sequence[float]], *, folder: Path = FOLDER) -> None:
    """Draw processor milliseconds a frame, by scene: of MediaPipe, of Rapt, of Rapt measuring."""
    with picture("throughput", folder=folder) as [axes]:
        places = np.arange(len(times_ms))
        colours = (OTHERS[0], OURS, "#9db3ee")
        for index, (name, colour) in enumerate(zip(NAMES, colours, strict=True)):
            values = [times[index] for times in times_ms.values()]
            bars = axes.bar(places + (index - 1) * 0.27, values, 0.25, color=colour, label=name)
            axes.bar_label(bars, fmt="%.2f", fontsize=8)
        axes.set_axisbelow(True)
        axes.set_xticks(places, list(times_ms))
        axes.set_ylabel("processor ms a frame, one core")
        axes.set_title("The same JPEGs to landmarks")
        draw_legend(axes, columns=3)

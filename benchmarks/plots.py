"""Pictures of results, in the colours of the pages: PNG and SVG into `docs/benchmarks/`.

Drawn from the figures of one run; a run that is not complete draws nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

FOLDER = Path(__file__).resolve().parents[1] / "docs/benchmarks"
TEXT, QUIET, LINE, PAPER = "#1a1c1f", "#6b6f76", "#e2e2dc", "#fafaf8"
OURS = "#2f5bd7"
OTHERS = ("#0a7a5a", "#945400", "#c02b2b", "#5a6370")
LIMIT = "#888b91"
STROKES = ("-", "--", ":")
"""Of the lines of one family, in their order; further ones are like the last."""
STYLE: dict[Any, Any] = {  # matplotlib's own names
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": QUIET,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": TEXT,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.dpi": 144,
    "figure.facecolor": PAPER,
    "font.family": "sans-serif",
    "font.size": 9,
    "grid.color": LINE,
    "legend.frameon": False,
    "svg.hashsalt": "rapt",  # the same figures make the same file
    "text.color": TEXT,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
}


@contextmanager
def picture(
    name: str, *, width: float = 7.0, height: float = 3.4, panels: int = 1, folder: Path = FOLDER
) -> Iterator[list[Axes]]:
    """Yield axes to draw on, and write them down afterwards.

    Args:
        name: of the files.
        width: inches.
        height: inches.
        panels: axes side by side.
        folder: where the files go.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield list(figure.subplots(1, panels, squeeze=False)[0])
        folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(folder / f"{name}.png", metadata={"Software": None})
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


def family(name: str) -> str:
    """Return what stands before the comma: lines of one family have one colour."""
    return name.partition(",")[0]


def colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for each line: ours is always the same."""
    others = list(dict.fromkeys(family(name) for name in names if not is_ours(name)))
    found = {name: OTHERS[index % len(OTHERS)] for index, name in enumerate(others)}
    return {name: OURS if is_ours(name) else found[family(name)] for name in names}


def is_ours(name: str) -> bool:
    """Whether a line is Rapt's."""
    return family(name) == "Rapt"


def draw_lines(
    axes: Axes, lines: Mapping[str, Mapping[float, float | None]], *, title: str, x: str
) -> None:
    """Draw one line per name; where there is no figure there is a gap.

    Args:
        axes: where.
        lines: figures by name and place on the x axis.
        title: what is drawn, with its unit.
        x: what the x axis is.
    """
    tints = colours(list(lines))
    seen: Counter[str] = Counter()
    for name, points in lines.items():
        values = [float("nan") if value is None else value for value in points.values()]
        axes.plot(
            list(points),
            values,
            color=tints[name],
            label=name,
            linestyle=STROKES[min(seen[family(name)], len(STROKES) - 1)],
            linewidth=2.4 if is_ours(name) else 1.4,
            marker="o",
            markersize=4,
            zorder=3 if is_ours(name) else 2,
        )
        seen[family(name)] += 1
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_xticks(sorted({place for points in lines.values() for place in points}))
    axes.set_ylim(bottom=0)


def draw_limit(axes: Axes, at: float, words: str) -> None:
    """Draw a level that matters, and say what it is."""
    axes.axhline(at, color=LIMIT, linewidth=1, linestyle=":", zorder=1)
    axes.annotate(
        words,
        (0.5, at),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        color=QUIET,
    )


def draw_legend(axes: Axes, *, columns: int) -> None:
    """Say below everything which line is whose; the lines of one panel stand for all."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101  # the axes are on one
    lines, names = axes.get_legend_handles_labels()
    order = sorted(range(len(names)), key=lambda index: not is_ours(names[index]))
    figure.legend(
        [lines[index] for index in order],
        [names[index] for index in order],
        loc="outside lower center",
        ncols=columns,
    )

"""What people see of the accuracy benchmark: heads, faces and states in one row."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from benchmarks.closed_loop.faces import Found
from benchmarks.closed_loop.heads import Bin
from benchmarks.closed_loop.states import States
from benchmarks.closed_loop.stills import Stills
from benchmarks.plots import FOLDER, OTHERS, OURS, draw_limit, picture

MAX_DEG = 3.0
"""What the residual of yaw and the mean error of pitch may be."""
MIN_F1 = 0.9
CONDITION_KINDS = ("distance", "light", "blur", "noise", "occlusion")


def draw_accuracy(still: Stills, told: States, *, folder: Path = FOLDER) -> None:
    """Draw errors by angle, residuals by condition, recall by size and F1 by state."""
    with picture("accuracy", width=13.0, height=3.8, panels=4, folder=folder) as panels:
        by_angle, by_condition, by_size, by_state = panels
        _draw_angles(by_angle, [each for each in still.by_angle if each.kind == "yaw"])
        _draw_conditions(by_condition, still.by_condition)
        _draw_sizes(by_size, {"webcam": still.by_size, "room camera": still.by_size_in_room})
        _draw_states(by_state, told)


def _draw_angles(axes: Axes, bins: Sequence[Bin]) -> None:
    """Mean errors of each angle by how far the head is turned."""
    turns = [int(each.value.rstrip("°")) for each in bins]
    tints = {"yaw": OURS, "pitch": OTHERS[0], "roll": OTHERS[1]}
    for name, tint in tints.items():
        found = (getattr(each, name) for each in bins)
        errors = [one.mae_deg if one is not None else float("nan") for one in found]
        axes.plot(turns, errors, color=tint, marker="o", markersize=4, label=name)
    draw_limit(axes, MAX_DEG, "")
    axes.set_xlabel("true yaw, degrees")
    axes.set_ylim(bottom=0)
    axes.set_title("Mean error, degrees")
    axes.legend(loc="lower center", ncols=len(tints))


def _draw_conditions(axes: Axes, bins: Sequence[Bin]) -> None:
    """Residual of yaw by distance, light, blur, noise and occlusion, its slope beside it."""
    chosen = [each for each in bins if each.kind in CONDITION_KINDS and each.yaw is not None]
    chosen.reverse()  # the first is on top
    names = [f"{each.kind} {each.value}" for each in chosen]
    residuals = [each.yaw.residual_deg for each in chosen if each.yaw is not None]
    slopes = [each.yaw.slope for each in chosen if each.yaw is not None]
    tints = [OURS if value <= MAX_DEG else OTHERS[2] for value in residuals]
    bars = axes.barh(range(len(chosen)), residuals, 0.7, color=tints)
    axes.bar_label(bars, [f"{slope:.2f}" for slope in slopes], fontsize=6, padding=2)
    axes.set_yticks(range(len(chosen)), names, fontsize=6)
    axes.grid(visible=False)
    axes.axvline(MAX_DEG, color=OTHERS[2], linewidth=1, linestyle=":")
    axes.set_xlim(0, 1.15 * max([MAX_DEG, *residuals]))
    axes.set_xlabel("degrees; the slope beside the bar")
    axes.set_title("Yaw around its best line")


def _draw_sizes(axes: Axes, rows: dict[str, Sequence[Found]]) -> None:
    """Which share of faces is found, by their width."""
    for (name, sizes), tint in zip(rows.items(), (OURS, OTHERS[0]), strict=True):
        shares = [100 * each.found / each.n for each in sizes]
        widths = [each.face_px for each in sizes]
        axes.plot(widths, shares, color=tint, marker="o", markersize=4, label=name)
    axes.set_xscale("log")
    axes.minorticks_off()
    widths = [16, 24, 40, 64, 140]
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.set_ylim(0, 105)
    axes.set_xlabel("width of the face, of 320 pixels")
    axes.set_title("Faces found, %")
    axes.legend(loc="lower right")


def _draw_states(axes: Axes, told: States) -> None:
    """How well each stored state is told."""
    names = [row.state.replace("_", " ") for row in told.by_state]
    bars = axes.bar(range(len(names)), [row.f1 for row in told.by_state], 0.7, color=OURS)
    axes.bar_label(bars, fmt="%.2f", fontsize=7)
    axes.set_axisbelow(True)
    axes.set_xticks(range(len(names)), names, fontsize=7, rotation=25)
    axes.set_ylim(0, 1.08)
    draw_limit(axes, MIN_F1, "")
    axes.set_title(f"F1 of stored seconds, mean {told.macro_f1:.3f}")

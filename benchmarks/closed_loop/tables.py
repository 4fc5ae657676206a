"""What people read of the accuracy benchmark."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.closed_loop.heads import Bin
from benchmarks.closed_loop.states import ON_TIME_MS, Lag, States
from benchmarks.closed_loop.stills import Stills


def show(still: Stills, told: States, lag: Lag) -> None:
    """Print every table."""
    console = Console()
    console.print(_head_table([still.head, *still.by_angle, *still.by_condition]))
    console.print(_face_table(still))
    one = still.blinks
    rates = f"recall {one.recall:.3f}, precision {one.precision:.3f}"
    print(f"Blinks at 10 frames/s: {rates} of {one.true}.")
    console.print(_state_table(told))
    print(
        f"Stored states: macro-F1 {told.macro_f1:.3f}, accuracy {told.accuracy:.3f}.\n"
        f"Live verdicts follow a change after {lag.p50_ms:.0f} ms (median of {lag.changes}), "
        f"{lag.on_time:.0%} within {ON_TIME_MS} ms, all that are told within {lag.max_ms:.0f} ms; "
        f"95 in 100 of the frames that told it were taken within {lag.captured_p95_ms:.0f} ms. "
        f"{lag.said} changes were said."
    )
    for found in (still.gaze, still.clip, still.room, *still.turned):
        if found is not None:
            print(found)


def _head_table(bins: Sequence[Bin]) -> Table:
    table = Table(title="Heads, degrees", title_justify="left", box=None)
    names = ("", "", "n", "found", "yaw slope", "residual", "MAE", "pitch MAE", "roll MAE")
    for name in names:
        table.add_column(name, justify="right" if name else "left")
    for each in bins:
        is_narrow = each.kind in {"yaw", "pitch"}  # too few degrees for a slope
        line = (f"{each.yaw.slope:.2f}", f"{each.yaw.residual_deg:.1f}") if each.yaw else ("", "")
        maes = (f"{one.mae_deg:.1f}" if one else "" for one in (each.yaw, each.pitch, each.roll))
        slope = ("", "") if is_narrow else line
        table.add_row(each.kind, each.value, str(each.n), f"{each.found:.0%}", *slope, *maes)
    return table


def _face_table(still: Stills) -> Table:
    table = Table(title="Faces by width in the picture", title_justify="left", box=None)
    for name in ("width px", "eye distance px", "n", "found", "by a room camera"):
        table.add_column(name, justify="right")
    for each, in_room in zip(still.by_size, still.by_size_in_room, strict=True):
        shares = (f"{one.found / one.n:.0%}" for one in (each, in_room))
        table.add_row(str(each.face_px), f"{each.eye_distance_px:.0f}", str(each.n), *shares)
    table.add_row("none", "", str(still.empty.n), f"{still.empty.found} claimed", "")
    return table


def _state_table(told: States) -> Table:
    table = Table(title="Stored seconds by state", title_justify="left", box=None)
    for name in ("state", "seconds", "precision", "recall", "F1"):
        table.add_column(name, justify="right" if name != "state" else "left")
    for row in told.by_state:
        values = (f"{value:.3f}" for value in (row.precision, row.recall, row.f1))
        table.add_row(row.state, str(row.seconds), *values)
    return table

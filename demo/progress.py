"""The class on the terminal while it runs: who does what, what is seen, how fast."""

import asyncio
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.sheet import Sheet

ROWS = 24
"""More students than this are counted, not listed."""

LINE_EVERY_S = 10.0
"""Without a terminal a line is printed this often."""

COLOURS = {
    "focused": "green",
    "drifting": "yellow",
    "away": "bright_black",
    "eyes_closed": "bright_black",
    "absent": "bright_black",
}


async def show_progress(console: Console, sheets: Sequence[Sheet]) -> None:
    """Draw until cancelled."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(LINE_EVERY_S)
            console.print(line_of(sheets), highlight=False)
    with Live(table_of(sheets), console=console, refresh_per_second=4, transient=True) as live:
        while True:
            await asyncio.sleep(0.25)
            live.update(table_of(sheets))


def line_of(sheets: Sequence[Sheet]) -> str:
    """Everyone in one line."""
    sent, verdicts = (sum(s.frames_sent for s in sheets), sum(s.verdicts for s in sheets))
    present = sum(sheet.doing not in {"coming", "gone"} for sheet in sheets)
    return (
        f"{present} of {len(sheets)} present, {sent} frames sent, {verdicts} verdicts, "
        f"{median_ms(sheets):.0f} ms from capture to verdict"
    )


def table_of(sheets: Sequence[Sheet]) -> Group:
    """One row a student, and the line of all."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("student")
    table.add_column("does")
    table.add_column("is seen as")
    table.add_column("sure", justify="right")
    table.add_column("frames", justify="right")
    table.add_column("verdicts", justify="right")
    table.add_column("ms", justify="right")
    for sheet in sheets[:ROWS]:
        newest_ms = f"{sheet.recent_ms[-1]:.0f}" if sheet.recent_ms else ""
        table.add_row(
            sheet.name,
            sheet.doing.replace("_", " "),
            Text(sheet.state.replace("_", " "), style=COLOURS.get(sheet.state, "")),
            f"{sheet.probability:.0%}" if sheet.state else "",
            str(sheet.frames_sent),
            str(sheet.verdicts),
            newest_ms,
        )
    more = f"and {len(sheets) - ROWS} more\n" if len(sheets) > ROWS else ""
    return Group(table, Text(f"{more}{line_of(sheets)}", style="dim"))


def median_ms(sheets: Sequence[Sheet]) -> float:
    """Median of the newest latencies of all; 0 of none."""
    values = sorted(value for sheet in sheets for value in sheet.recent_ms)
    return values[len(values) // 2] if values else 0.0

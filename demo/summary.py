"""The class on the terminal when it is over: curve, lane, figures, faults, and where to look."""

from collections.abc import Sequence

from rapt.running import Running
from rich.console import Console
from rich.table import Table

from demo.report import Agreement, Report

BLOCKS = " ▁▂▃▄▅▆▇█"
CURVE_ROWS = 6
LANE_COLUMNS = 72


def print_summary(
    console: Console, report: Report, agreement: Agreement, faults: Sequence[str]
) -> None:
    """Show what was stored."""
    heat = report.heatmap
    console.print("\n[bold]Retention[/] share of starts that saw each second, from stored facts")
    console.print("\n".join(curve_of(resampled(heat.unique))), highlight=False)
    console.print("[bold]Attention[/] mean of the students' own means, ░ = nobody measured")
    console.print(f"      {lane_of(resampled(heat.attention))}", highlight=False)
    console.print(f"      {axis_of(report.seconds)}\n", style="dim", highlight=False)
    console.print(_figures(report))
    if agreement.confusion and report.agreement is not None:
        console.print(_confusion(agreement))
    for fault in faults:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    if not faults:
        scripted = "" if report.agreement is None else ", every number as scripted"
        console.print(f"[green]✓[/] nothing lost, nothing twice{scripted}")


def pages_of(running: Running, content_id: str) -> dict[str, str]:
    """Addresses of the pages that show this class, by name."""
    token = f"#token={running.local_token}"
    return {
        "wall": f"{running.gateway_url}/wall/{content_id}{token}",
        "video": f"{running.gateway_url}/videos/{content_id}{token}",
    }


def resampled(values: Sequence[float | None]) -> list[float | None]:
    """At most `LANE_COLUMNS` values: means of equal stretches, None where nothing is known."""
    columns = min(len(values), LANE_COLUMNS)
    means: list[float | None] = []
    for column in range(columns):
        low, high = (edge * len(values) // columns for edge in (column, column + 1))
        known = [value for value in values[low:high] if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return means


def curve_of(values: Sequence[float | None]) -> list[str]:
    """Lines of a filled curve from 0 to 1, the highest first."""
    lines = []
    for row in reversed(range(CURVE_ROWS)):
        label = {CURVE_ROWS - 1: "100 %", 0: "  0 %"}.get(row, "     ")
        cells = (BLOCKS[_eighths((value or 0) * CURVE_ROWS - row)] for value in values)
        lines.append(f"{label} {''.join(cells)}")
    return lines


def lane_of(values: Sequence[float | None]) -> str:
    """One line from low to high blocks."""
    return "".join("░" if value is None else BLOCKS[max(1, _eighths(value))] for value in values)


def axis_of(seconds: int) -> str:
    """Times under a lane."""
    columns = min(seconds, LANE_COLUMNS)
    end = f"{seconds // 60}:{seconds % 60:02d}"
    return "0:00" + end.rjust(columns - 4)


def _eighths(value: float) -> int:
    return round(8 * min(max(value, 0.0), 1.0))


def _figures(report: Report) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    latency = report.latency_ms
    share = report.verdicts / max(report.frames_sent, 1)
    rows = [
        ("frames sent, verdicts", f"{report.frames_sent}, {report.verdicts} ({share:.1%})"),
        (
            "capture to verdict",
            f"p50 {latency.p50:.0f} ms, p95 {latency.p95:.0f} ms, p99 {latency.p99:.0f} ms",
        ),
        ("facts written, read back", f"{report.facts_written}, {report.facts_read_back}"),
        ("sessions, interactions", f"{report.sessions}, {report.interactions_read_back}"),
    ]
    if report.agreement is not None:
        rows.append(("stored state equals the script", f"{report.agreement:.1%}"))
    if report.shed:
        sheds = ", ".join(f"{reason} {count}" for reason, count in report.shed.items())
        rows.append(("not used", sheds))
    for name, value in rows:
        table.add_row(f"[dim]{name}[/]", value)
    return table


def _confusion(agreement: Agreement) -> Table:
    """Scripted states down, stored states across, in student-seconds."""
    stored = sorted({state for _, state in agreement.confusion})
    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    table.add_column("scripted \\ stored")
    for state in stored:
        table.add_column(state.replace("_", " "), justify="right")
    for mood in sorted({mood for mood, _ in agreement.confusion}):
        counts = [agreement.confusion.get((mood, state), 0) for state in stored]
        table.add_row(mood.replace("_", " "), *(str(count) if count else "·" for count in counts))
    return table

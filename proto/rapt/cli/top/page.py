"""How the picture looks on a terminal of 80 columns or more. Numbers only; nobody is named."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rapt.cli.top.figures import GatewayFigures, StoreFigures, WorkerFigures
from rapt.cli.top.watch import Picture

NOTHING = "–"
WIDE = 96
OLD_S = 1.0
"""An answer older than that is not fresh."""
GOOD_FRESH = 0.98
SHORT_S, LONG_S = 0.01, 10.0  # below it tenths of a millisecond count, beyond it seconds
FULL = 0.85
"""Share of the device that is needed when streams begin to be asked for fewer frames."""

_COLUMNS = (
    "streams", "in/s", "out/s", "age p50", "p95", "fresh", "batch", "queue", "run", "load", "level",
)  # fmt: skip


def page_of(picture: Picture, *, title: str, width: int) -> RenderableType:
    """Return the whole page for a terminal that is so wide."""
    gap = 2 if width >= WIDE else 1
    head = Text.assemble((f"{title}", "bold"), f"   over {picture.span_s:.0f} s", style="default")
    parts: list[RenderableType] = [head, Text(), _workers(picture, gap), Text(), _rest(picture)]
    if picture.away:
        parts.append(Text(f"\nno answer from: {', '.join(picture.away)}", style="red"))
    return Group(*parts)


def _workers(picture: Picture, gap: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    table.add_column("worker", min_width=8, no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for worker in picture.workers:
        table.add_row(*_row(worker))
    if len(picture.workers) > 1:
        table.add_row(*_row(picture.together), style="bold")
    if not picture.workers:
        table.add_row("none", *([NOTHING] * len(_COLUMNS)))
    return table


def _row(worker: WorkerFigures) -> list[Text | str]:
    is_stale = worker.fresh_share is not None and worker.fresh_share < GOOD_FRESH
    is_old = worker.age_p95_s is not None and worker.age_p95_s > OLD_S
    name = worker.name if worker.state == "ready" else f"{worker.name} {worker.state}"
    return [
        name,
        str(worker.streams),
        f"{worker.received_per_s:.1f}",
        f"{worker.answered_per_s:.1f}",
        _ms(worker.age_p50_s),
        Text(_ms(worker.age_p95_s), style="yellow" if is_old else ""),
        Text(_share(worker.fresh_share), style="yellow" if is_stale else ""),
        NOTHING if worker.batch_frames is None else f"{worker.batch_frames:.1f}",
        _ms(worker.queue_s),
        _ms(worker.run_s),
        Text(_share(worker.load), style="yellow" if worker.load > FULL else ""),
        Text(str(worker.level), style="yellow" if worker.level else ""),
    ]


def _rest(picture: Picture) -> Table:
    """Everything else, a subject a line."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", min_width=11, no_wrap=True)
    table.add_column()
    everyone = picture.together
    none = "every frame was answered" if everyone.received_per_s else "no frames come"
    table.add_row("not answered", _rates(everyone.drops_per_s, none=none))
    table.add_row("devices", _devices(picture))
    host = [f"prepare {_ms(everyone.prepare_s)}", f"loop lag {_ms(everyone.loop_lag_s)}"]
    table.add_row("hosts", _joined(host))
    table.add_row("spool", _spool(everyone))
    table.add_row("store", _store(picture.store))
    table.add_row("gateway", _gateway(picture.gateway))
    return table


def _devices(picture: Picture) -> str:
    everyone = picture.together
    memory = f"memory {_bytes(everyone.memory_bytes)}, the fullest {_share(everyone.memory_share)}"
    parts = [
        _places(picture),
        f"busy {_share(everyone.busy_share)}",
        memory if everyone.memory_bytes else "",
        f"room for {everyone.capacity_per_s:,.0f}/s",
        f"{picture.restarts} restarts" if picture.restarts else "",
    ]
    return _joined(parts)


def _places(picture: Picture) -> str:
    """Name the device; where there are several, with the workers of each."""
    workers: dict[str, list[str]] = {}
    for worker in picture.workers:
        workers.setdefault(worker.device or NOTHING, []).append(worker.name)
    if len(workers) == 1:
        return next(iter(workers))
    return _joined(f"{device}: {', '.join(names)}" for device, names in sorted(workers.items()))


def _spool(everyone: WorkerFigures) -> str:
    if not everyone.spool_rows:
        return "empty: the store has everything"
    lag = f"store lags {everyone.spool_lag_s:.1f} s"
    return _joined([f"{everyone.spool_rows:,} rows", _bytes(everyone.spool_bytes), lag])


def _store(store: StoreFigures | None) -> str:
    if store is None:
        return NOTHING
    return _joined(
        [
            f"{store.rows_per_s:.1f} rows/s",
            f"{store.statements_per_s:.1f} statements/s",
            f"{_ms(store.statement_s)} each" if store.statement_s is not None else "",
            f"{store.running} running",
            f"{store.refused_per_s:.1f} refused/s" if store.refused_per_s else "",
        ]
    )


def _gateway(gateway: GatewayFigures | None) -> str:
    if gateway is None:
        return NOTHING
    return _joined(
        [
            f"{gateway.sockets} sockets",
            f"{gateway.sessions} sessions",
            f"{gateway.frames_per_s:.1f} frames/s",
            f"{gateway.verdicts_per_s:.1f} verdicts/s",
            _rates(gateway.shed_per_s),
            f"calls lost {gateway.lost_calls_per_s:.1f}/s" if gateway.lost_calls_per_s else "",
            "" if gateway.hub_is_up else "hub away",
        ]
    )


def _rates(rates: dict[str, float], *, none: str = "") -> str:
    return _joined(f"{key.replace('_', ' ')} {rate:.1f}/s" for key, rate in rates.items()) or none


def _joined(parts: Iterable[str]) -> str:
    return "   ".join(part for part in parts if part)


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds >= LONG_S:
        return f"{seconds:.0f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= SHORT_S else f"{seconds * 1000:.1f} ms"


def _share(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004  SI
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"

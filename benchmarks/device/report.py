"""What people read of one device, in plain text: a bare machine has no table printer."""

import os
from collections.abc import Sequence

from benchmarks.device.beside import BesideRow
from benchmarks.device.inprocess import FlowRow
from benchmarks.device.limits import Limit
from benchmarks.device.served import ServedRow, students_carried
from benchmarks.device.stages import StageRow

NO_GPU = "NO GPU ANSWERED: everything ran on the CPU, and says nothing about a GPU."
WIDEST = 24


def report(
    limit: Limit,
    stages: Sequence[StageRow],
    flows: tuple[Sequence[FlowRow], Sequence[BesideRow]],
    served: Sequence[ServedRow],
    *,
    is_gpu: bool,
) -> str:
    """Every table, and what comes of them; without a GPU that is said first and last."""
    said = [] if is_gpu else [NO_GPU]
    lines = ["", f"Device: {limit.name}, {os.cpu_count()} cores", *said]
    lines += [
        f"Peaks ({limit.source}): {limit.flop_per_s:.3g} FLOP/s, {limit.bytes_per_s:.3g} bytes/s"
    ]
    lines += ["", *of_stages(stages), "", *of_flows(flows[0]), "", *of_beside(flows[1])]
    lines += ["", *of_served(served), "", *said]
    return "\n".join([*lines, f"Students at 2 frames a second: {students_carried(served)}", ""])


def of_stages(stages: Sequence[StageRow]) -> list[str]:
    """Each network at each bucket."""
    lines = [
        f"{'Networks alone':{WIDEST}} bucket      ms   faces/s  graph  of FLOP peak  of byte peak"
    ]
    lines += [
        f"{row.stage:{WIDEST}} {row.bucket:6} {row.ms:7.2f} {row.faces_per_s:9.0f}"
        f"  {_yes(row.is_captured):5} {_share(row.flop_share)}  {_share(row.byte_share)}"
        for row in stages
    ]
    if any(row.flop_share is None for row in stages):
        lines.append("– : not counted; the package onnx is missing, or the graph's sizes are free")
    return lines


def of_flows(flows: Sequence[FlowRow]) -> list[str]:
    """Each batch in process."""
    lines = ["JPEG to verdict, in process: batch  frames/s   p50 ms   p95 ms   p99 ms  faces"]
    return lines + [
        f"{'':27} {row.batch:6} {row.frames_per_s:9.0f} {row.p50_ms:8.1f} {row.p95_ms:8.1f}"
        f" {row.p99_ms:8.1f} {row.faces_share:6.0%}"
        for row in flows
    ]


def of_beside(rows: Sequence[BesideRow]) -> list[str]:
    """Each number of processes."""
    lines = ["The same, several processes: processes  batch  frames/s   p99 ms"]
    return lines + [
        f"{'':27} {row.processes:10} {row.batch:6} {row.frames_per_s:9.0f} {row.p99_ms:8.1f}"
        for row in rows
    ]


def of_served(served: Sequence[ServedRow]) -> list[str]:
    """Each number of students."""
    lines = ["Over gRPC, 2 fps: students  offered/s  in time/s  age p50  p95  p99 ms  carried"]
    return lines + [
        f"{'':17} {row.students:8} {row.offered_per_s:10.0f} {row.good_per_s:10.0f}"
        f" {_ms(row.age_p50_ms, 8)} {_ms(row.age_p95_ms, 4)} {_ms(row.age_p99_ms, 7)}"
        f"  {_yes(row.is_carried)}"
        for row in served
    ]


def _yes(claim: bool) -> str:  # noqa: FBT001 - the claim is all there is
    return "yes" if claim else "no"


def _ms(age_ms: float | None, width: int) -> str:
    """Nothing came back in time to have an age."""
    return f"{'–':>{width}}" if age_ms is None else f"{age_ms:{width}.0f}"


def _share(share: float | None) -> str:
    return "           –" if share is None else f"{share:12.2%}"

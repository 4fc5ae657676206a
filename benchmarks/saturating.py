"""NVIDIA's own load generator at a fixed concurrency: how many answers a second, and how late?"""

import asyncio
import csv
import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from rapt.errors import Unavailable

from benchmarks.analyzer import Analyzer
from benchmarks.servers.inside.sleep_model import MODEL
from benchmarks.servers.server import Setting, running
from benchmarks.trial import Make

CONCURRENCY = 64
WINDOW_MS = 3000
GIVES_UP_S = 90.0
STABLE_PCT = 25  # on a shared machine the usual ten are never reached
MOST_WINDOWS = 6


class NoEnd(Unavailable):
    """The program still waits for an answer that the server owes it."""


class Saturated(msgspec.Struct, frozen=True):
    """One run of perf_analyzer."""

    infer_per_s: float
    p50_ms: float
    p99_ms: float


async def saturate(
    analyzer: Analyzer, make: Make, setting: Setting, *, concurrency: int = CONCURRENCY
) -> Saturated:
    """Start a server and measure it with so many requests under way on one stream.

    Raises:
        NoEnd: an answer never came.
        Unavailable: the server or the program failed.
        Misconfigured: an environment could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as folder:
        recipe = make(Path(folder), setting)
        report = Path(folder) / "report.csv"
        command = ["-m", MODEL, "-u", recipe.target.address, "-i", "grpc", "--streaming", "--async"]
        command += ["--concurrency-range", str(concurrency), "-p", str(WINDOW_MS)]
        command += ["-s", str(STABLE_PCT), "-r", str(MOST_WINDOWS), "-f", str(report)]
        async with running(recipe):
            await _run(analyzer.command(command), analyzer.environ(os.environ))
        return read_report(await asyncio.to_thread(report.read_text))


def read_report(text: str) -> Saturated:
    """Read the table that perf_analyzer writes: one row per concurrency, latencies in microseconds.

    Raises:
        Unavailable: there is no row in it.
    """
    row = next(csv.DictReader(io.StringIO(text)), None)
    if row is None:
        raise Unavailable("perf_analyzer measured nothing")
    return Saturated(
        infer_per_s=round(float(row["Inferences/Second"]), 1),
        p50_ms=round(float(row["p50 latency"]) / 1000, 2),
        p99_ms=round(float(row["p99 latency"]) / 1000, 2),
    )


async def _run(command: list[str], environ: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), GIVES_UP_S)
    except TimeoutError as error:
        raise NoEnd(f"perf_analyzer did not end within {GIVES_UP_S:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-3:]
        raise Unavailable("perf_analyzer failed: " + " ".join(last))

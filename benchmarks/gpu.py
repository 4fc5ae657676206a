"""What does one GPU carry? Everything in one call on one machine; the same, smaller, on a CPU.

Frames a second from JPEG bytes to verdicts, in process and over gRPC to a real worker; faces a
second of each network and bucket, and their share of the device's peaks; p50, p95, p99; students at
two frames a second. The table comes last. Where no GPU answers it runs on the CPU and says so.

A bare machine without a network gets what it lacks beside the checkout: `--pack` makes it here, and
this command finds it there. The steps are in docs/measuring_a_gpu.md.

Until the wheels are installed nothing but the standard library is imported.
"""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.device.parts import install, missing

REPOSITORY = Path(__file__).resolve().parents[1]
STEPS = "docs/measuring_a_gpu.md"
MAX_THREADS = 16
MAX_WORKERS = 6


def main() -> None:
    """Install what travelled with the checkout, then measure."""
    asked = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="rapt-site-") as site:
        wheels = install(REPOSITORY, Path(site))
        if wheels:
            sys.stderr.write(f"installed {', '.join(wheels)}\n")
        lacking = missing()
        if lacking:
            raise SystemExit(f"this machine lacks {', '.join(lacking)}; see {STEPS}")
        everything = importlib.import_module("benchmarks.device.everything")
        words = everything.Asked(
            models=asked.models.resolve(),
            frames=asked.frames,
            provider=asked.provider,
            threads=asked.threads or min(os.cpu_count() or 1, MAX_THREADS),
            workers=asked.workers or min(os.cpu_count() or 1, MAX_WORKERS),
            seconds=asked.seconds,
            runs=asked.runs,
            results=asked.results,
            json=asked.json,
            limit_s=asked.limit,
            within_s=asked.within,
        )
        try:
            if asked.pack is not None:
                everything.pack(words, asked.pack, python=asked.wheels)
            else:
                everything.measure(words)
        except importlib.import_module("rapt.errors").RaptError as error:
            raise SystemExit(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rapt bench gpu", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--json", type=Path, help="write the line here, too")
    parser.add_argument("--models", type=Path, default=REPOSITORY / ".rapt/models")
    parser.add_argument("--frames", type=Path, help="folder of JPEGs; else a puppet is drawn")
    parser.add_argument("--provider", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--threads", type=int, default=0, help="hands; 0 = cores, at most 16")
    parser.add_argument("--workers", type=int, default=0, help="sharing the device; 0 = as cores")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=50, help="of each network and bucket")
    parser.add_argument("--limit", type=float, default=0.2, help="seconds an answer may take")
    parser.add_argument("--within", type=float, default=540.0, help="seconds for everything")
    parser.add_argument("--results", type=Path, default=REPOSITORY / "benchmarks/results.jsonl")
    parser.add_argument("--pack", type=Path, help="write models and frames there instead")
    parser.add_argument("--wheels", help="with --pack: and wheels for that Python, as in 3.12")
    return parser


if __name__ == "__main__":
    main()

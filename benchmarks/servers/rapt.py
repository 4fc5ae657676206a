"""Rapt: one real worker of its own over gRPC."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rapt.address import Address
from rapt.cli.ports import free_ports
from rapt.cli.probes import grpc_probe

from benchmarks.load.job import Speech, Target
from benchmarks.servers.server import Recipe, Setting

REPOSITORY = Path(__file__).resolve().parents[2]


def recipe(
    folder: Path,
    setting: Setting,
    *,
    models: Path | None = None,
    speech: Speech = Speech.OBSERVE,
    more: Sequence[str] = (),
) -> Recipe:
    """Return how it is started.

    Args:
        folder: for its words and counts.
        setting: what every server is given; there is nothing to tune.
        models: built models; the sleep model without them.
        speech: how it is spoken to.
        more: words for the worker's own command line.
    """
    address, counts = Address("127.0.0.1", free_ports(1)[0]), folder / "rapt.counts"
    picture = folder / "picture"
    picture.write_bytes(setting.picture)
    command = [sys.executable, "-m", "benchmarks.servers.rapt_worker"]
    command += ["--listen", str(address)]
    command += ["--scale", str(setting.scale), "--counts", str(counts), "--picture", str(picture)]
    command += ["--models", str(models)] if models else []
    command += more
    paths = (REPOSITORY, REPOSITORY / "proto", os.environ.get("PYTHONPATH"))
    return Recipe(
        name="rapt" if speech is Speech.OBSERVE else "rapt_oip",
        command=command,
        target=Target(speech=speech, address=str(address)),
        probe=grpc_probe(address, "rapt.v1.Perception"),
        counts=None if models else counts,
        environ={"PYTHONPATH": ":".join(map(str, filter(None, paths)))},
        folder=folder,
    )

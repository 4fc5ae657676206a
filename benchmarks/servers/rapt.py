"""Rapt: one real worker of its own over gRPC.

By its own call every frame says when it was captured and how long its answer is good, so there is
nothing to tune. By the Open Inference Protocol a request says nothing of the kind by itself; tuned,
it carries the protocol's `timeout`, as long as the limit that is set by hand for Triton's queue.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rapt.address import Address
from rapt.cli.ports import free_ports
from rapt.cli.probes import grpc_probe

from benchmarks.load.job import Speech, Target
from benchmarks.servers.server import Recipe, Setting
from benchmarks.servers.triton import QUEUE_TIMEOUT_S

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
        setting: what every server is given.
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
    is_oip = speech is not Speech.OBSERVE
    timeout_us = round(1e6 * QUEUE_TIMEOUT_S) if is_oip and setting.is_tuned else 0
    paths = (REPOSITORY, REPOSITORY / "proto", os.environ.get("PYTHONPATH"))
    return Recipe(
        name=setting.name("rapt_oip" if is_oip else "rapt"),
        command=command,
        target=Target(speech=speech, address=str(address), timeout_us=timeout_us),
        probe=grpc_probe(address, "rapt.v1.Perception"),
        counts=counts,
        environ={"PYTHONPATH": ":".join(map(str, filter(None, paths)))},
        folder=folder,
    )

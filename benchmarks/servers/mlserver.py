"""MLServer 1.7.1: adaptive batching, which its streams do not have, so one unary call per frame."""

import json
import shutil
from pathlib import Path

from rapt.cli.ports import free_ports

from benchmarks.load.job import Speech, Target
from benchmarks.peers import peer
from benchmarks.servers.inside.sleep_model import MAX_BATCH, MODEL, run_s
from benchmarks.servers.server import Recipe, Setting, answers_at

INSIDE = Path(__file__).with_name("inside")
MAX_BATCH_TIME_S = 0.5
"""There is no batching at all without one, and this is the one of its documentation.
Tuned, it is as long as a full batch takes: it cuts batches whether the model is free or not.
"""


def recipe(folder: Path, setting: Setting) -> Recipe:
    """Return how it is started.

    Raises:
        Misconfigured: the environment could not be made.
    """
    environment = peer("mlserver")
    http, grpc = free_ports(2)
    counts = folder / "mlserver.counts"
    place = folder / "models" / MODEL
    place.mkdir(parents=True)
    shutil.copy(INSIDE / "mlserver_model.py", place / "mlserver_model.py")
    shutil.copy(INSIDE / "sleep_model.py", place / "sleep_model.py")
    server = {
        "host": "127.0.0.1",
        "http_port": http,
        "grpc_port": grpc,
        "metrics_endpoint": None,
        "debug": False,
    }
    if setting.is_tuned:
        server["parallel_workers"] = 0  # the model only sleeps; a second process costs a copy
    model = {
        "name": MODEL,
        "implementation": "mlserver_model.SleepRuntime",
        "parameters": {"extra": {"scale": setting.scale, "counts": str(counts)}},
        "max_batch_size": MAX_BATCH,
        "max_batch_time": run_s(MAX_BATCH, setting.scale) if setting.is_tuned else MAX_BATCH_TIME_S,
    }
    (place.parent / "settings.json").write_text(json.dumps(server))
    (place / "model-settings.json").write_text(json.dumps(model))
    return Recipe(
        name=setting.name("mlserver"),
        command=[str(environment.program("mlserver")), "start", str(place.parent)],
        target=Target(speech=Speech.OIP_UNARY, address=f"127.0.0.1:{grpc}"),
        probe=answers_at(f"http://127.0.0.1:{http}/v2/models/{MODEL}/ready"),
        counts=counts,
        environ={"PYTHONPATH": str(place)},
        folder=folder,
    )

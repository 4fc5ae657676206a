"""The sleep model as a deployment of Ray Serve, behind its HTTP proxy.

`python rayserve_app.py PORT SCALE COUNTS FOLDER [ONGOING QUEUED WAIT_S]`
"""

import asyncio
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import ray
from ray import serve
from sleep_model import MAX_BATCH, SleepModel  # type: ignore[import-not-found]  # lies beside it
from starlette.requests import Request  # type: ignore[import-not-found]  # comes with Serve


class Face:
    """One replica."""

    def __init__(self, scale: float, counts: str, wait_s: float | None) -> None:
        self._model = SleepModel(scale, counts)
        if wait_s is not None:
            self._infer.set_batch_wait_timeout_s(wait_s)  # type: ignore[attr-defined]  # `batch` adds it

    @serve.batch(max_batch_size=MAX_BATCH)
    async def _infer(self, pictures: list[bytes]) -> list[str]:
        """Run one batch; the loop stays free."""
        await asyncio.to_thread(self._model.run, len(pictures))
        return ["0"] * len(pictures)

    async def __call__(self, request: Request) -> str:
        """Answer one frame."""
        picture = await request.body()
        return await self._infer(picture)


def main() -> None:
    """Serve until SIGTERM."""
    port, scale, counts, folder, *tuned = sys.argv[1:]
    stop = threading.Event()
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100_000_000,
        _temp_dir=folder,
        _node_ip_address="127.0.0.1",
    )
    serve.start(http_options={"host": "127.0.0.1", "port": int(port)})
    options: dict[str, Any] = {"ray_actor_options": {"num_cpus": 0}}
    wait_s = None
    if tuned:
        options["max_ongoing_requests"] = int(tuned[0])
        options["max_queued_requests"] = int(tuned[1])
        wait_s = float(tuned[2])
    face = serve.deployment(**options)(Face)
    serve.run(face.bind(float(scale), counts, wait_s), name="face")
    (Path(folder) / "ready").touch()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    stop.wait()
    serve.shutdown()  # type: ignore[no-untyped-call]  # Ray's own
    ray.shutdown()


if __name__ == "__main__":
    main()

"""The sleep model as an API of LitServe.

`python litserve_app.py PORT SCALE COUNTS [WAIT_S TIMEOUT_S]`
"""

import sys
from typing import Any

import litserve  # type: ignore[import-not-found]  # there in its own environment
from sleep_model import MAX_BATCH, SleepModel  # type: ignore[import-not-found]  # lies beside it


class Face(litserve.LitAPI):  # type: ignore[misc]  # untyped here
    """What LitServe calls."""

    def __init__(self, scale: float, counts: str, wait_s: float) -> None:
        super().__init__(max_batch_size=MAX_BATCH, batch_timeout=wait_s)
        self._scale = scale
        self._counts = counts

    def setup(self, device: str) -> None:  # noqa: ARG002  # LitServe's signature
        """Open the device, in the process that runs it."""
        self._model = SleepModel(self._scale, self._counts)

    def decode_request(self, request: dict[str, str]) -> str:
        """Take the picture; nobody looks at it."""
        return request["image"]

    def batch(self, inputs: list[str]) -> list[str]:
        """Put pictures together."""
        return inputs

    def predict(self, batch: list[str]) -> list[float]:
        """Run one batch."""
        self._model.run(len(batch))
        return [0.0] * len(batch)

    def unbatch(self, output: list[float]) -> list[float]:
        """Take answers apart."""
        return output

    def encode_response(self, output: float) -> dict[str, Any]:
        """Return the answer."""
        return {"verdict": output}


def main() -> None:
    """Serve until SIGTERM."""
    port, scale, counts, *tuned = sys.argv[1:]
    api = Face(float(scale), counts, float(tuned[0]) if tuned else 0.0)
    more = {"timeout": float(tuned[1]), "fast_queue": True} if tuned else {}
    server = litserve.LitServer(api, accelerator="cpu", **more)
    server.run(host="127.0.0.1", port=int(port), generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()

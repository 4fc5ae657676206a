"""What NVIDIA's HTTP client sees, as JSON: `triton_http.py HOST:PORT TOKEN JPEG`."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tritonclient.http as triton  # type: ignore[import-not-found]  # of its own environment
from tritonclient.utils import (  # type: ignore[import-not-found]  # see above
    InferenceServerException,
)

ADDRESS, TOKEN, PICTURE = sys.argv[1:]


def headers() -> dict[str, str]:
    """Return fresh headers: the client leaves its own in what it is given."""
    return {"Authorization": f"Bearer {TOKEN}"}


def frame() -> Any:
    """Return the picture as an input; bytes that are no text only travel behind the JSON."""
    tensor = triton.InferInput("frame", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[Path(PICTURE).read_bytes()]], dtype=object))
    return tensor


def ask(client: Any, **options: Any) -> dict[str, Any]:
    """Ask once."""
    result = client.infer("face", [frame()], headers=headers(), **options)
    return {
        "id": result.get_response().get("id"),
        "faces": int(np.ravel(result.as_numpy("faces"))[0]),
        "box": np.ravel(result.as_numpy("face_box")).tolist(),
    }


def main() -> dict[str, Any]:
    """Ask for everything."""
    client = triton.InferenceServerClient(ADDRESS)
    plain = [triton.InferRequestedOutput(name, binary_data=False) for name in ("faces", "face_box")]
    errors = []
    for name, sent in (("nobody", headers()), ("face", None)):
        try:
            client.infer(name, [frame()], headers=sent)
        except InferenceServerException as error:
            errors.append([error.status(), error.message()])
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready("face", headers=headers()),
        "server": client.get_server_metadata(headers=headers()),
        "model": client.get_model_metadata("face", headers=headers()),
        "config": client.get_model_config("face", headers=headers()),
        "binary": ask(client, request_id="7"),
        "gzip": ask(client, request_compression_algorithm="gzip")["faces"],
        "deflate": ask(client, request_compression_algorithm="deflate")["faces"],
        "json": ask(client, outputs=plain),
        "sequence": [
            ask(client, sequence_id=79, sequence_start=n == 0, sequence_end=n == 2)
            for n in range(3)
        ],
        "statistics": client.get_inference_statistics("face", headers=headers()),
        "index": client.get_model_repository_index(headers=headers()),
        "errors": errors,
    }


sys.stdout.write(json.dumps(main()))

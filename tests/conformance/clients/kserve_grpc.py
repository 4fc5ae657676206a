"""What KServe's gRPC client sees, as JSON: `kserve_grpc.py HOST:PORT TOKEN JPEG`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from kserve import (  # type: ignore[import-not-found]  # of its own environment
    InferenceGRPCClient,
    InferInput,
    InferRequest,
)

ADDRESS, TOKEN, PICTURE = sys.argv[1:]
HEADERS = [("authorization", f"Bearer {TOKEN}")]


async def main(picture: bytes) -> dict[str, Any]:
    """Ask for health and for a verdict."""
    client = InferenceGRPCClient(url=ADDRESS)
    tensor = InferInput(name="frame", shape=[1, 1], datatype="BYTES")
    tensor.set_data_from_numpy(np.array([[picture]], dtype=object), binary_data=True)
    request = InferRequest(model_name="face", infer_inputs=[tensor], request_id="7")
    reply = await client.infer(request, headers=HEADERS)
    outputs = {output.name: list(output.shape) for output in reply.outputs}
    faces = next(output for output in reply.outputs if output.name == "faces")
    said = {
        "live": await client.is_server_live(headers=HEADERS),
        "ready": await client.is_server_ready(headers=HEADERS),
        "model_ready": await client.is_model_ready("face", headers=HEADERS),
        "id": reply.id,
        "shapes": outputs,
        "faces": int(np.ravel(faces.as_numpy())[0]),
    }
    await client.close()
    return said


sys.stdout.write(json.dumps(asyncio.run(main(Path(PICTURE).read_bytes()))))

"""What NVIDIA's gRPC client sees, as JSON: `triton_grpc.py HOST:PORT TOKEN JPEG PIXELS`.

PIXELS is an array of NumPy, what the network `face_detector` takes.

Runs in an environment of its own, because its messages and ours have the same names.
"""

import asyncio
import json
import queue
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tritonclient.grpc as triton  # type: ignore[import-not-found]  # of its own environment
import tritonclient.grpc.aio as triton_aio  # type: ignore[import-not-found]  # see above

ADDRESS, TOKEN, PICTURE, PIXELS = sys.argv[1:]
HEADERS = {"authorization": f"Bearer {TOKEN}"}
FRAMES = 5


def frame() -> Any:
    """Return the picture as an input."""
    tensor = triton.InferInput("frame", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[Path(PICTURE).read_bytes()]], dtype=object))
    return tensor


def seen(result: Any) -> dict[str, Any]:
    """Return what is in a reply."""
    names = [output.name for output in result.get_response().outputs]
    shapes = {name: list(result.as_numpy(name).shape) for name in names}
    reply = result.get_response()
    return {
        "id": reply.id,
        "shapes": shapes,
        "faces": int(result.as_numpy("faces")[0, 0]),
        "state": result.as_numpy("state")[0, 0].decode(),
        "is_final": reply.parameters["triton_final_response"].bool_param,
    }


def network(client: Any) -> dict[str, Any]:
    """Return what a bare network answers, all of it."""
    pixels = np.load(PIXELS)
    tensor = triton.InferInput("input", list(pixels.shape), "FP32")
    tensor.set_data_from_numpy(pixels)
    result = client.infer("face_detector", [tensor], headers=HEADERS)
    names = [output.name for output in result.get_response().outputs]
    return {name: result.as_numpy(name).tolist() for name in names}


def sync() -> dict[str, Any]:
    """Ask one by one, in a sequence, and wrongly."""
    client = triton.InferenceServerClient(ADDRESS)
    errors = []
    for name, headers in (("nobody", HEADERS), ("face", None)):
        try:
            client.infer(name, [frame()], headers=headers)
        except triton.InferenceServerException as error:
            errors.append([error.status(), error.message()])
    sequence = [
        seen(
            client.infer(
                "face",
                [frame()],
                sequence_id=77,
                sequence_start=number == 0,
                sequence_end=number == FRAMES - 1,
                headers=HEADERS,
            )
        )
        for number in range(FRAMES)
    ]
    wanted = [triton.InferRequestedOutput("faces"), triton.InferRequestedOutput("state")]
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready("face", headers=HEADERS),
        "server": client.get_server_metadata(headers=HEADERS, as_json=True),
        "model": client.get_model_metadata("face", headers=HEADERS, as_json=True),
        "config": client.get_model_config("face", headers=HEADERS, as_json=True),
        "alone": seen(client.infer("face", [frame()], request_id="7", headers=HEADERS)),
        "wanted": seen(client.infer("face", [frame()], outputs=wanted, headers=HEADERS)),
        "sequence": sequence,
        "network": network(client),
        "errors": errors,
        "statistics": client.get_inference_statistics("face", headers=HEADERS, as_json=True),
        "index": client.get_model_repository_index(headers=HEADERS, as_json=True),
    }


def stream() -> dict[str, Any]:
    """Send a sequence and a wrong request on one stream, answers by callback."""
    client = triton.InferenceServerClient(ADDRESS)
    answers: queue.Queue[tuple[Any, Any]] = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)), headers=HEADERS)
    for number in range(FRAMES):
        client.async_stream_infer(
            "face",
            [frame()],
            request_id=str(number),
            sequence_id=78,
            sequence_start=number == 0,
            sequence_end=number == FRAMES - 1,
        )
    taken = [answers.get(timeout=20) for _ in range(FRAMES)]
    client.async_stream_infer("nobody", [frame()], request_id="lost")
    _, error = answers.get(timeout=20)
    client.stop_stream()
    return {
        "ids": [result.get_response().id for result, _ in taken],
        "errors": [str(problem) for _, problem in taken if problem] + [str(error)],
    }


async def together() -> dict[str, Any]:
    """Ask eight times at once, and on a stream."""
    async with triton_aio.InferenceServerClient(ADDRESS) as client:
        asked = [client.infer("face", [frame()], headers=HEADERS) for _ in range(8)]
        unary = [seen(result) for result in await asyncio.gather(*asked)]

        async def requests() -> Any:
            for number in range(FRAMES):
                yield {"model_name": "face", "inputs": [frame()], "request_id": str(number)}

        streamed = client.stream_infer(requests(), headers=HEADERS)
        ids = sorted([result.get_response().id async for result, _ in streamed])
        return {"faces": [one["faces"] for one in unary], "ids": ids}


sys.stdout.write(json.dumps({"sync": sync(), "stream": stream(), "aio": asyncio.run(together())}))

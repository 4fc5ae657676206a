"""`buf curl`, a gRPC client in another language, finds our services by reflection and uses them."""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.conformance.conftest import Target

WITHIN_S = 60.0


def curl(worker: Target, method: str, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Call a method with messages; return the answers."""
    program = Path(sys.executable).with_name("buf")
    command = [str(program), "curl", "--protocol", "grpc", "--http2-prior-knowledge"]
    command += ["--header", f"authorization: Bearer {worker.token}", "--data", "@-"]
    done = subprocess.run(
        [*command, f"http://{worker.address}/{method}"],
        input="\n".join(map(json.dumps, messages)),
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    decoder, answers, rest = json.JSONDecoder(), [], done.stdout.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].lstrip()
    return answers


def test_observe_streams_through_reflection(worker: Target) -> None:
    """Opened, a verdict on a real face, closed: nobody told it what the messages are."""
    opening = {
        "tenantId": 7,
        "contentId": str(time.time_ns()),
        "sessionId": str(time.time_ns()),
        "userKey": "7",
        "role": "ROLE_STUDENT",
        "fence": 1,
        "openedAtUs": str(time.time_ns() // 1000),
        "contentKind": "CONTENT_KIND_VIDEO",
        "contentLengthMs": 60_000,
        "policy": "adult/1",
        "keepDays": 1,
        "cameraKeepDays": 1,
    }
    image = base64.b64encode(worker.picture.read_bytes()).decode()
    frame = {"sequence": "1", "capturedUs": "1", "budgetMs": 9000, "image": image}
    close = {"reason": "EXIT_REASON_LEFT"}
    answers = curl(
        worker,
        "rapt.v1.Perception/Observe",
        {"open": opening},
        {"frame": frame},
        {"close": close},
    )
    kinds = [next(iter(answer)) for answer in answers]
    assert (kinds[0], kinds[-1]) == ("opened", "closed")
    verdict = next(answer["verdict"] for answer in answers if "verdict" in answer)
    assert verdict["observation"]["faces"] == 1


def test_models_answer_through_reflection(worker: Target) -> None:
    """The protocol of models stands beside it on the same port."""
    service = "inference.GRPCInferenceService"
    (ready,) = curl(worker, f"{service}/ModelReady", {"name": "face"})
    assert ready == {"ready": True}
    image = base64.b64encode(worker.picture.read_bytes()).decode()
    tensor = {
        "name": "frame",
        "datatype": "BYTES",
        "shape": ["1", "1"],
        "contents": {"bytesContents": [image]},
    }
    asked = {"modelName": "face", "id": "7", "inputs": [tensor]}
    replies = curl(worker, f"{service}/ModelStreamInfer", asked, asked)
    assert [reply["inferResponse"]["id"] for reply in replies] == ["7", "7"]

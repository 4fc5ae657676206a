"""Writes the golden numbers anew: what the makers' own runtimes answer on the two portraits.

python -m tests.inference.models.make_golden openvino PYTHON FOLDER
python -m tests.inference.models.make_golden mediapipe PYTHON

PYTHON is an interpreter that has openvino 2026.4, or mediapipe 0.10.21; FOLDER holds the IRs.
Only numbers are kept, no picture.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inference.models.folder import ModelFolder
from inference.models.portrait import U8
from tests.full_models import BUILT
from tests.inference.models.drafts import F32
from tests.inference.models.eyes import eye_crops, head_angles
from tests.inference.models.faces import face_crops

GOLDEN = Path(__file__).with_name("openvino_golden.json")
DIGITS = 8
MESH_GOLDEN = Path(__file__).with_name("mediapipe_golden.json")
MESH_DIGITS = 4  # of pixels; the tests allow 1e-3
MESH_CROPS = (0, 17)
"""Which of the crops are kept: one of each portrait."""


def gaze_inputs(models: ModelFolder) -> dict[str, F32]:
    """Return what the gaze network is asked."""
    left, right = eye_crops(models, 60)
    return {
        "left_eye_image": left,
        "right_eye_image": right,
        "head_pose_angles": head_angles(len(left)),
    }


def open_eyes_inputs(models: ModelFolder) -> dict[str, F32]:
    """Return what the eye-open network is asked."""
    return {"input.1": np.concatenate(eye_crops(models, 32))}


def mesh_inputs(models: ModelFolder) -> U8:
    """Return what the attention mesh is asked, as bytes."""
    return np.round(face_crops(models, 192)[list(MESH_CROPS)] * 255).astype(np.uint8)


def ask_openvino(python: str, folder: str) -> None:
    """Ask OpenVINO about both networks and write its answers down."""
    models = ModelFolder(BUILT)
    answers = {
        "gaze": _ask(python, f"{folder}/gaze-estimation-adas-0002.xml", gaze_inputs(models)),
        "open_eyes": _ask(python, f"{folder}/open-closed-eye-0001.xml", open_eyes_inputs(models)),
    }
    GOLDEN.write_text(json.dumps(answers) + "\n", "utf-8")


def ask_mediapipe(python: str) -> None:
    """Ask MediaPipe's own graph about the attention mesh and write its answers down."""
    with tempfile.TemporaryDirectory() as private:
        asked, answered = Path(private) / "asked.npy", Path(private) / "answered.npz"
        np.save(asked, mesh_inputs(ModelFolder(BUILT)))
        program = Path(__file__).with_name("mediapipe_reference.py")
        subprocess.run([python, str(program), str(asked), str(answered)], check=True)
        columns = [np.load(answered)[f"arr_{i}"] for i in range(7)]
    lists = [[[round(float(v), MESH_DIGITS) for v in row] for row in rows] for rows in columns]
    MESH_GOLDEN.write_text(json.dumps(lists) + "\n", "utf-8")


def _ask(python: str, graph: str, inputs: Mapping[str, F32]) -> list[list[float]]:
    with tempfile.TemporaryDirectory() as private:
        asked, answered = Path(private) / "asked.npz", Path(private) / "answered.npz"
        np.savez(asked, **inputs)  # type: ignore[arg-type]  # numpy's stub takes a flag by name, too
        program = Path(__file__).with_name("openvino_reference.py")
        command = [python, str(program), graph, str(asked), str(answered)]
        subprocess.run(command, check=True)
        rows = np.load(answered)["answer"]
    return [[round(float(value), DIGITS) for value in row] for row in rows]


if __name__ == "__main__":
    if sys.argv[1] == "openvino":
        ask_openvino(*sys.argv[2:])
    else:
        ask_mediapipe(*sys.argv[2:])

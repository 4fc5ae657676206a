"""Writes `openvino_golden.json` anew: the numbers that OpenVINO answers on the portraits' eyes.

python -m tests.inference.models.make_golden PYTHON FOLDER, where PYTHON is an interpreter that has
openvino 2026.4 and FOLDER holds the IRs. Only numbers are kept, no picture.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inference.models.folder import ModelFolder
from tests.full_models import BUILT
from tests.inference.models.drafts import F32
from tests.inference.models.eyes import eye_crops, head_angles

GOLDEN = Path(__file__).with_name("openvino_golden.json")
DIGITS = 8


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


def main(python: str, folder: str) -> None:
    """Ask OpenVINO about both networks and write its answers down."""
    models = ModelFolder(BUILT)
    answers = {
        "gaze": _ask(python, f"{folder}/gaze-estimation-adas-0002.xml", gaze_inputs(models)),
        "open_eyes": _ask(python, f"{folder}/open-closed-eye-0001.xml", open_eyes_inputs(models)),
    }
    GOLDEN.write_text(json.dumps(answers) + "\n", "utf-8")


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
    main(*sys.argv[1:])

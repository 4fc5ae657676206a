"""The sleep model as a model of Triton's Python backend; it becomes `sleep/1/model.py`."""

import json
from typing import Any

import numpy as np
import triton_python_backend_utils as triton  # type: ignore[import-not-found]  # Triton's own
from sleep_model import SleepModel  # type: ignore[import-not-found]  # lies beside it there


class TritonPythonModel:
    """What Triton calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Read the parameters of config.pbtxt."""
        parameters = json.loads(args["model_config"])["parameters"]
        given = {name: value["string_value"] for name, value in parameters.items()}
        self._model = SleepModel(float(given["scale"]), given["counts"])

    def execute(self, requests: list[Any]) -> list[Any]:  # Triton's types
        """Run one batch."""
        self._model.run(len(requests))
        answer = np.zeros((1, 8), np.float32)
        return [
            triton.InferenceResponse(output_tensors=[triton.Tensor("VERDICT", answer)])
            for _ in requests
        ]

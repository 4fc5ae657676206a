"""The sleep model as a runtime of MLServer."""

import asyncio

from mlserver import MLModel  # type: ignore[import-not-found]  # there in its own environment
from mlserver.types import (  # type: ignore[import-not-found]  # the same
    InferenceRequest,
    InferenceResponse,
    ResponseOutput,
)
from sleep_model import SleepModel  # type: ignore[import-not-found]  # lies beside it there


class SleepRuntime(MLModel):  # type: ignore[misc]  # untyped here
    """What MLServer calls."""

    async def load(self) -> bool:
        """Read the settings of the model."""
        given = self.settings.parameters.extra
        self._model = SleepModel(given["scale"], given["counts"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Run one batch; the loop stays free."""
        frames = payload.inputs[0].shape[0]
        await asyncio.to_thread(self._model.run, frames)
        output = ResponseOutput(
            name="VERDICT", datatype="FP32", shape=[frames, 8], data=[0.0] * 8 * frames
        )
        return InferenceResponse(model_name=self.name, outputs=[output])

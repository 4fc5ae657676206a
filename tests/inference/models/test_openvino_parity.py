"""Do the converted IRs answer what OpenVINO answers, on real eyes?

The numbers in `openvino_golden.json` were made by OpenVINO 2026.4 in float32, one example at a
time; `make_golden.py` says how. No picture is kept.
"""

import json
from collections.abc import Mapping

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]  # has no annotations
import pytest

from inference.models.folder import GraphName, ModelFolder
from tests.inference.models.drafts import F32
from tests.inference.models.make_golden import GOLDEN, gaze_inputs, open_eyes_inputs

LIMIT = 3e-6  # gaze: 2.7e-7 of a vector of length 1, open eyes: 1.1e-6 of a probability, measured
UNDECIDED = (0.02, 0.98)
LEAST_UNDECIDED = 15

INPUTS = {"gaze": gaze_inputs, "open_eyes": open_eyes_inputs}
NAMES: tuple[GraphName, ...] = ("gaze", "open_eyes")


def golden(name: GraphName) -> F32:
    """Return what OpenVINO answered."""
    return np.array(json.loads(GOLDEN.read_text("utf-8"))[name], np.float32)


def answers(folder: ModelFolder, name: GraphName, inputs: Mapping[str, F32]) -> F32:
    """Return what our graph answers, (N, values)."""
    session = ort.InferenceSession(str(folder.graph(name)), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, dict(inputs))
    return np.asarray(answer, np.float32).reshape(len(answer), -1)


@pytest.mark.parametrize("name", NAMES)
def test_an_ir_agrees_with_openvino(
    models: ModelFolder, full_models: ModelFolder, name: GraphName
) -> None:
    """As one batch, against single runs of the reference."""
    ours = answers(full_models, name, INPUTS[name](models))
    error = float(np.abs(ours - golden(name)).max())
    print(f"{name}: {error:.1e}, n = {len(ours)}")  # noqa: T201 - shown with -s
    assert error <= LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_company_changes_no_answer(
    models: ModelFolder, full_models: ModelFolder, name: GraphName
) -> None:
    """A batch answers what its examples answer alone."""
    inputs = INPUTS[name](models)
    batch = answers(full_models, name, inputs)
    for row in range(0, len(batch), 7):
        alone = answers(full_models, name, {k: v[row : row + 1] for k, v in inputs.items()})
        np.testing.assert_allclose(batch[row : row + 1], alone, rtol=0, atol=1e-6)


def test_the_answers_could_differ() -> None:
    """A saturated network says 0 or 1 whatever one feeds it; these examples do not saturate it."""
    low, high = UNDECIDED
    is_undecided = (golden("open_eyes") > low) & (golden("open_eyes") < high)
    assert is_undecided[:, 0].sum() >= LEAST_UNDECIDED
    assert np.ptp(golden("gaze")[:, 0]) > 0.5

"""Bare networks, served by name: what comes out is what the graph says."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from rapt.oip import inference_pb2 as pb

from inference.models.folder import GraphName, ModelFolder
from inference.oip.networks import NetworkDevice, open_networks
from inference.perception.networks import CPU_PROVIDER, open_session
from tests.inference.oip.serving import serving


@pytest.fixture(scope="module")
def folder(models: Path) -> ModelFolder:
    """The models that every installation has."""
    return ModelFolder(models)


def test_every_network_that_was_built_is_offered_with_its_tensors(folder: ModelFolder) -> None:
    """Names and shapes are those of the graph."""
    served = open_networks(folder, provider=CPU_PROVIDER, threads=1)
    assert {"face_detector", "attention_mesh"} <= set(served)
    card = served["attention_mesh"].card
    assert [(spec.datatype, spec.shape) for spec in card.inputs] == [("UINT8", (3, 192, 192))]
    assert "conv_faceflag" in [spec.name for spec in card.outputs]


ALWAYS = {"face_detector", "attention_mesh", "room_detector_full_range"}
EXPRESSION = {"face_landmarks_v2", "blendshapes"}


def test_without_options_only_what_is_always_built_is_offered(folder: ModelFolder) -> None:
    """A setting that allows expressions conjures nothing up."""
    served = open_networks(folder, provider=CPU_PROVIDER, threads=1, has_expressions=True)
    built = {name for name in get_args(GraphName) if folder.has(name)}
    assert set(served) == built >= ALWAYS


def test_networks_of_expressions_stay_closed_unless_they_are_allowed(
    full_models: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built or not: their files are not even asked for."""
    asked: list[str] = []
    graph = ModelFolder.graph

    def noted(self: ModelFolder, name: GraphName) -> Path:
        asked.append(name)
        return graph(self, name)

    monkeypatch.setattr(ModelFolder, "graph", noted)
    served = open_networks(full_models, provider=CPU_PROVIDER, threads=1)
    assert set(served) == set(asked) == set(get_args(GraphName)) - EXPRESSION


def test_an_operator_may_allow_networks_of_expressions(full_models: ModelFolder) -> None:
    """Then every network that was built is offered."""
    served = open_networks(full_models, provider=CPU_PROVIDER, threads=1, has_expressions=True)
    assert set(served) == set(get_args(GraphName))


def test_the_room_detector_is_offered_at_one_size(full_models: ModelFolder) -> None:
    """Its graph leaves height and width free, and so the number of its cells."""
    served = open_networks(full_models, provider=CPU_PROVIDER, threads=1)
    card = served["room_detector"].card
    assert [spec.shape for spec in card.inputs] == [(3, 192, 320)]
    cells = {spec.name: spec.shape for spec in card.outputs}
    assert cells["cls_8"] == (24 * 40, 1)
    assert cells["bbox_32"] == (6 * 10, 4)


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_a_padded_batch_gives_each_row_what_it_gets_alone(folder: ModelFolder, rows: int) -> None:
    """Within the last bits of a float."""
    device = NetworkDevice(folder.graph("face_detector"), provider=CPU_PROVIDER, threads=1)
    pictures = np.random.default_rng(7).random((rows, 128, 128, 3), np.float32)
    jobs = [(picture.tobytes(),) for picture in pictures]
    together = device.run(device.prepare(jobs)).results
    session = open_session(folder.graph("face_detector"), CPU_PROVIDER, 1)
    for picture, row in zip(pictures, together, strict=True):
        alone = session.run(None, {device.inputs[0].name: picture[None]})
        for mine, expected in zip(row, alone, strict=True):
            np.testing.assert_allclose(np.frombuffer(mine, "<f4"), expected.ravel(), atol=1e-3)


async def test_a_client_reads_the_outputs_that_it_asked_for(folder: ModelFolder) -> None:
    """Over gRPC, in its order."""
    device = NetworkDevice(folder.graph("face_detector"), provider=CPU_PROVIDER, threads=1)
    assert device.buckets[0] == 1
    models = open_networks(folder, provider=CPU_PROVIDER, threads=1)
    async with serving(models) as client:
        request = pb.ModelInferRequest(model_name="face_detector")
        request.inputs.add(name="input", datatype="FP32", shape=[1, 128, 128, 3])
        request.raw_input_contents.append(bytes(128 * 128 * 3 * 4))
        request.outputs.add(name="classificators")
        reply = await client.ask("ModelInfer", request)
        assert [(t.name, list(t.shape)) for t in reply.outputs] == [("classificators", [1, 896, 1])]
        assert len(reply.raw_output_contents[0]) == 896 * 4

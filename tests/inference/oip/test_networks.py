"""Bare networks, served by name: what comes out is what the graph says."""

from pathlib import Path

import numpy as np
import pytest
from rapt.oip import inference_pb2 as pb

from inference.models.folder import ModelFolder
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
    assert [(spec.datatype, spec.shape) for spec in card.inputs] == [("FP32", (192, 192, 3))]
    assert "conv_faceflag" in [spec.name for spec in card.outputs]


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

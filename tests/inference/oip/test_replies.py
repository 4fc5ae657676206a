"""From rows of results to the reply of a request."""

import pytest
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from inference.oip.face import FRAME, OUTPUTS
from inference.oip.models import ModelCard
from inference.oip.replies import Replies

CARD = ModelCard("face", (FRAME,), OUTPUTS, max_rows=8, buckets=(1,), platform="none")


def wanting(*names: str) -> pb.ModelInferRequest:
    """Return a request that wants these outputs."""
    request = pb.ModelInferRequest(model_name="face")
    for name in names:
        request.outputs.add(name=name)
    return request


def test_outputs_come_in_the_order_in_which_they_are_wanted() -> None:
    """All of them when none is named."""
    replies = Replies(CARD)
    assert list(replies.wanted(wanting())) == list(range(len(OUTPUTS)))
    assert list(replies.wanted(wanting("faces", "state"))) == [3, 0]


def test_an_output_that_is_wanted_twice_is_refused() -> None:
    """Sixteen megabytes of names would make gigabytes of tensors."""
    with pytest.raises(InvalidMessage, match="twice"):
        Replies(CARD).wanted(wanting("state", "faces", "state"))


def test_an_output_that_is_not_there_is_named() -> None:
    """Beside those that are, and cut to a length that a status can hold."""
    with pytest.raises(InvalidMessage, match="there are state") as raised:
        Replies(CARD).wanted(wanting("x" * 10_000))
    assert len(str(raised.value)) < 500

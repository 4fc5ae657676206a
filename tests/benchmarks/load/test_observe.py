"""Sheds as outcomes."""

import pytest
from rapt.v1 import perception_pb2 as pb

from benchmarks.load.log import Outcome
from benchmarks.load.observe import outcome_of_shed


@pytest.mark.parametrize("reason", pb.ShedReason.values()[1:])
def test_every_reason_to_shed_is_an_outcome(reason: pb.ShedReason.ValueType) -> None:
    """None of them is an unknown failure."""
    outcome = outcome_of_shed(reason)
    assert outcome is not Outcome.FAILED
    assert pb.ShedReason.Name(reason).startswith(f"SHED_REASON_{outcome.name}")

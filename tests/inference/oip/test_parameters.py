"""What a request says beside its tensors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from benchmarks.breaking.damage import set_parameter
from inference.oip.parameters import (
    DEFAULT_TIMEOUT_S,
    MAX_TIMEOUT_S,
    NOTHING,
    Parameters,
    read_parameters,
)


def read(**said: bool | int | str) -> Parameters:
    """Read parameters."""
    request = pb.ModelInferRequest()
    for name, value in said.items():
        set_parameter(request, name, value)
    return read_parameters(request)


def test_nothing_said_and_what_is_unknown_mean_the_defaults() -> None:
    """perf_analyzer always sends one that we need not know."""
    assert read() is NOTHING
    assert read(triton_enable_empty_final_response=True, colour="red") is NOTHING


def test_what_is_said_is_taken_in_its_unit() -> None:
    """Timeouts come in microseconds; a number of a sequence may be words."""
    said = read(sequence_id="a", sequence_start=True, timeout=250_000, rapt_captured_us=17)
    assert (said.sequence_id, said.sequence_start, said.sequence_end) == ("a", True, False)
    assert (said.timeout_s, said.captured_us) == (0.25, 17)


def test_priority_is_a_head_start() -> None:
    """The first level comes a second earlier than the usual one, the last ones later."""
    starts = [read(priority=level).head_start_s for level in (1, 0, 2, 3, 10**9)]
    assert starts == sorted(starts, reverse=True)
    assert starts[0] > starts[1] == starts[2] == 0 > starts[3] > starts[4]


@given(timeout=st.integers(0, 2**63 - 1))
def test_a_timeout_is_bounded(timeout: int) -> None:
    """None means a long one, and none is longer than an hour."""
    said = read(timeout=timeout)
    assert said.timeout_s <= MAX_TIMEOUT_S
    assert (said.timeout_s == DEFAULT_TIMEOUT_S) == (timeout in {0, 60_000_000})


@pytest.mark.parametrize(
    "said",
    [
        {"timeout": -1},
        {"priority": -1},
        {"timeout": True},
        {"timeout": "1"},
        {"sequence_start": 1},
        {"sequence_id": True},
        {"rapt_newest_only": "yes"},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(said: dict[str, bool | int | str]) -> None:
    """Rather than read as something else."""
    with pytest.raises(InvalidMessage, match=next(iter(said))):
        read(**said)


def test_a_parameter_without_a_value_is_refused() -> None:
    """It is there and says nothing."""
    request = pb.ModelInferRequest()
    request.parameters["timeout"].CopyFrom(pb.InferParameter())
    with pytest.raises(InvalidMessage, match="nothing"):
        read_parameters(request)


def test_the_name_of_a_sequence_is_short() -> None:
    """It is kept as long as the sequence is; a name of a megabyte would be, too."""
    assert read(sequence_id="x" * 128).sequence_id == "x" * 128
    with pytest.raises(InvalidMessage, match="128"):
        read(sequence_id="x" * 129)

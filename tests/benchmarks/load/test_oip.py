"""Frames as requests for inference."""

import pytest

from benchmarks.load.job import Job, Speech, Target
from benchmarks.load.log import Outcome
from benchmarks.load.oip import outcome_of_error, request_of
from benchmarks.load.schedule import Due, Scenario
from inference.oip.parameters import read_parameters


def a_job(*, timeout_us: int = 0) -> Job:
    """Return the work of a process."""
    return Job(
        target=Target(speech=Speech.OIP_UNARY, address="", timeout_us=timeout_us),
        scenario=Scenario(seconds=1, warm_up_s=0, seed=1, limit_s=0.2),
        first=0,
        of=1,
        picture=b"picture",
        wait_s=0,
    )


def test_a_request_carries_the_picture_and_its_number() -> None:
    """As the bytes of its one input."""
    request = request_of(a_job(), Due(0.0, 4, 9, 0.0))
    assert request.id == "9"
    assert list(request.inputs[0].shape) == [1, 7]
    assert list(request.raw_input_contents) == [b"picture"]
    assert not request.parameters


def test_a_request_says_how_long_its_answer_is_good_where_that_is_set() -> None:
    """As the protocol's own parameter, which our server reads."""
    request = request_of(a_job(timeout_us=110_000), Due(0.0, 4, 9, 0.0))
    assert read_parameters(request).timeout_s == 0.11


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Request timeout expired", Outcome.EXPIRED),
        ("Exceeds maximum queue size", Outcome.REFUSED),
        ("superseded: a newer frame came first", Outcome.SUPERSEDED),
        ("something else", Outcome.FAILED),
    ],
)
def test_an_error_in_the_stream_says_what_became_of_the_frame(
    message: str, outcome: Outcome
) -> None:
    """Servers say it in words alone."""
    assert outcome_of_error(message) is outcome

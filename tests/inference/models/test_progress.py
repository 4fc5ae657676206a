"""Bars on the terminal."""

import pytest

from inference.models.progress import bars


def test_every_step_is_shown_on_the_error_stream(capfd: pytest.CaptureFixture[str]) -> None:
    """Steps with and without a size; the output stream stays free for answers."""
    with bars() as teller:
        teller.step("downloading weights", of=100)
        teller.done(40)
        teller.step("converting mesh")
    out, err = capfd.readouterr()
    assert out == ""
    assert "downloading weights" in err
    assert "converting mesh" in err

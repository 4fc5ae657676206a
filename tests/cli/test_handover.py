"""Options are found wherever they stand, and unknown programs are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.cli.handover import asks_for_help, become, option_of
from rapt.cli.place import Place
from rapt.errors import Misconfigured

words = st.text("abcxyz./", min_size=1)


@given(st.lists(words), words, st.lists(words))
def test_an_option_is_found_in_both_spellings(
    before: list[str], value: str, after: list[str]
) -> None:
    """`--data DIR` and `--data=DIR`."""
    assert option_of([*before, "--data", value, *after], "--data") == value
    assert option_of([*before, f"--data={value}", *after], "--data") == value
    assert option_of([*before, *after], "--data") is None


def test_an_option_without_its_value_is_left_to_the_program() -> None:
    """It knows best how to complain."""
    assert option_of(["--data"], "--data") is None


@pytest.mark.parametrize("arguments", [["--help"], ["build", "-h"]])
def test_help_is_noticed(arguments: list[str]) -> None:
    """Nothing is built for it."""
    assert asks_for_help(arguments)


@pytest.mark.parametrize("module", ["nothing", "nothing.below", "analytics.migrations", "rapt.cli"])
def test_what_is_no_program_is_refused(module: str) -> None:
    """A package without `__main__` can not be run."""
    with pytest.raises(Misconfigured, match=f"{module} is not part of this installation"):
        become(Place(environ={}), module, [])

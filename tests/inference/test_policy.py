"""What does a policy pack allow?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.policy import allows_expressions


@pytest.mark.parametrize("policy", ["adult/1", "research/2", "adult"])
def test_packs_of_grown_people_allow_expressions(policy: str) -> None:
    """Whatever their version."""
    assert allows_expressions(policy)


@pytest.mark.parametrize(
    "policy", ["eu/1", "us-k12/1", "", "/1", "Adult/1", "adults/1", "eu/adult"]
)
def test_others_do_not(policy: str) -> None:
    """The European pack, that of schools, and whatever is misspelt."""
    assert not allows_expressions(policy)


@given(st.text())
def test_unknown_packs_allow_nothing(policy: str) -> None:
    """Only two names open this door."""
    pack = policy.split("/", maxsplit=1)[0]
    assert allows_expressions(policy) == (pack in ("adult", "research"))

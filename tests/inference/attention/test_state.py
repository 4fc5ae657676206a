"""The closed sets of what can be said."""

from rapt.v1 import perception_pb2

from inference.attention.state import ReasonCode, State


def test_states_have_the_numbers_of_the_wire() -> None:
    """Every state of the contract is here, with its name and number."""
    wire = {name.removeprefix("STATE_"): number for name, number in perception_pb2.State.items()}
    assert {state.name: state.value for state in State} | {"UNSPECIFIED": 0} == wire


def test_reasons_have_the_numbers_of_the_wire() -> None:
    """Every reason of the contract is here, with its name and number."""
    wire = {
        name.removeprefix("REASON_CODE_"): number
        for name, number in perception_pb2.ReasonCode.items()
    }
    assert {code.name: code.value for code in ReasonCode} | {"UNSPECIFIED": 0} == wire

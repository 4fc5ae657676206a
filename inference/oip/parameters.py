"""What may a request say beside its tensors? Sequence, timeout, priority, newest only."""

from dataclasses import dataclass

from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

DEFAULT_TIMEOUT_S = 60.0
"""Of a request that names none: it waits rather than expires."""
MAX_TIMEOUT_S = 3600.0
DEFAULT_PRIORITY = 2
MAX_PRIORITY = 9
MAX_ID_CHARACTERS = 128
"""Of a sequence's name; as many as Triton takes."""
PRIORITY_STEP_S = 1.0
"""What a level of priority is worth in seconds of waiting, so that no level starves."""

_FLAGS = {"sequence_start", "sequence_end", "rapt_newest_only"}
_NUMBERS = {"timeout", "priority", "rapt_captured_us"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request says; everything has a default."""

    sequence_id: int | str = 0
    """0 or empty = the request stands alone."""
    sequence_start: bool = False
    sequence_end: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S
    head_start_s: float = 0.0
    """Seconds by which it counts as longer waiting than it is; negative for a low priority."""
    newest_only: bool = False
    """Whether a newer request of the sequence replaces it while it waits."""
    captured_us: int | None = None
    """When the picture was taken, microseconds on any steady clock of the sequence."""


NOTHING = Parameters()


def read_parameters(request: pb.ModelInferRequest) -> Parameters:
    """Return what a request says; unknown names are ignored.

    Raises:
        InvalidMessage: a value is of the wrong kind or out of its range.
    """
    said: dict[str, bool | int | str] = {}
    for name, parameter in request.parameters.items():
        if name in _FLAGS:
            said[name] = _value(name, parameter, bool)
        elif name in _NUMBERS:
            said[name] = _value(name, parameter, int)
        elif name == "sequence_id":
            said[name] = _value(name, parameter, (int, str))
    if not said:
        return NOTHING
    timeout_us, level = int(said.get("timeout", 0)), int(said.get("priority", 0))
    captured_us = said.get("rapt_captured_us")
    if timeout_us < 0 or level < 0:
        raise InvalidMessage("timeout and priority must not be negative")
    sequence_id = said.get("sequence_id", 0)
    if isinstance(sequence_id, str) and len(sequence_id) > MAX_ID_CHARACTERS:
        raise InvalidMessage(f"sequence_id has more than {MAX_ID_CHARACTERS} characters")
    level = min(level or DEFAULT_PRIORITY, MAX_PRIORITY)
    timeout_s = timeout_us / 1_000_000 if timeout_us else DEFAULT_TIMEOUT_S
    return Parameters(
        sequence_id=sequence_id,
        sequence_start=bool(said.get("sequence_start")),
        sequence_end=bool(said.get("sequence_end")),
        timeout_s=min(timeout_s, MAX_TIMEOUT_S),
        head_start_s=(DEFAULT_PRIORITY - level) * PRIORITY_STEP_S,
        newest_only=bool(said.get("rapt_newest_only")),
        captured_us=None if captured_us is None else int(captured_us),
    )


def _value(
    name: str, parameter: pb.InferParameter, kind: type | tuple[type, ...]
) -> bool | int | str:
    """Return a parameter's value if it is of the wanted kind."""
    choice = parameter.WhichOneof("parameter_choice")
    value = getattr(parameter, choice) if choice else None
    is_bool = isinstance(value, bool)
    if not isinstance(value, kind) or (is_bool and kind is not bool):
        raise InvalidMessage(f"the parameter {name} does not come as {choice or 'nothing'}")
    assert isinstance(value, bool | int | str)  # noqa: S101  # the kinds that are asked for
    return value

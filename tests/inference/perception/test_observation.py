"""Everything measured in one frame."""

from dataclasses import fields

from rapt.v1 import perception_pb2

from inference.perception.observation import Observation


def test_what_was_not_measured_is_absent() -> None:
    """Nothing but the count and the light has a value of its own."""
    empty = Observation(faces=0, brightness=0.5)
    values = [getattr(empty, field.name) for field in fields(empty)]
    assert values == [0, 0.5] + [None] * (len(values) - 2)


def test_every_measure_of_the_wire_is_measured() -> None:
    """The contract's fields are here by the same names; openness is the judge's."""
    wire = {field.name for field in perception_pb2.Observation.DESCRIPTOR.fields}
    assert wire - {"eye_openness"} <= {field.name for field in fields(Observation)}

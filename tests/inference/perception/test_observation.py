"""Everything measured in one frame."""

from dataclasses import fields

from rapt.v1 import perception_pb2

from inference.perception.observation import GazeSource, Observation, RoomFace


def test_what_was_not_measured_is_absent() -> None:
    """Nothing but the count and the light has a value of its own."""
    empty = Observation(faces=0, brightness=0.5)
    values = {field.name: getattr(empty, field.name) for field in fields(empty)}
    assert {name for name, value in values.items() if value} == {"brightness"}
    nothing = {"faces": 0, "gaze_source": GazeSource.NONE, "room": (), "reused": False}
    assert {name: value for name, value in values.items() if value is not None} == {
        "brightness": 0.5,
        **nothing,
    }


def test_every_measure_of_the_wire_is_measured() -> None:
    """The contract's fields are here by the same names; what takes time to know is the judge's."""
    judged = {"eye_openness", "perclos", "blinks_per_minute"}
    wire = {field.name for field in perception_pb2.Observation.DESCRIPTOR.fields}
    assert wire - judged <= {field.name for field in fields(Observation)}


def test_people_in_a_room_have_what_the_wire_says() -> None:
    """A room face has the contract's fields by the same names."""
    wire = {field.name for field in perception_pb2.RoomFace.DESCRIPTOR.fields}
    assert wire <= {field.name for field in fields(RoomFace)}


def test_gaze_sources_have_the_numbers_of_the_wire() -> None:
    """Each source is the contract's by name and number."""
    wire = {
        name.removeprefix("GAZE_SOURCE_"): number
        for name, number in perception_pb2.GazeSource.items()
    }
    wire["NONE"] = wire.pop("UNSPECIFIED")
    assert wire == {source.name: source.value for source in GazeSource}

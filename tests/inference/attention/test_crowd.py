"""What is said about a room?"""

import pytest

from inference.attention.crowd import EMPTY_S, Room, judge_room
from inference.attention.judge import Judgement
from inference.attention.state import ReasonCode, State
from inference.perception.observation import Observation, RoomFace


def seen(people: int, brightness: float = 0.5) -> Observation:
    """A picture of so many people."""
    room = tuple(RoomFace(i + 1, (0.1, 0.1, 0.2, 0.2), 0.9, 30.0) for i in range(people))
    box = room[0].face_box if room else None
    return Observation(faces=people, brightness=brightness, face_box=box, room=room)


def play(*script: tuple[float, Observation]) -> list[Judgement]:
    """What is said at each moment."""
    room, said = Room(), []
    for now_s, observation in script:
        room, judgement = judge_room(room, observation, now_s)
        said.append(judgement)
    return said


@pytest.mark.parametrize("people", [1, 7])
def test_people_are_counted_and_not_judged(people: int) -> None:
    """Their number is the reason why their attention is unknown."""
    [said] = play((0, seen(people)))
    assert (said.state, said.attention, said.on_screen, said.eyes_closed, said.openness) == (
        State.UNKNOWN,
        None,
        None,
        None,
        None,
    )
    [reason] = said.reasons
    assert (reason.code, reason.value) == (ReasonCode.PEOPLE_IN_ROOM, people)
    assert "no attention" in reason.text


def test_a_room_is_empty_once_it_stays_so() -> None:
    """People who turn around for a second are not gone."""
    said = play((0, seen(2)), (1, seen(0)), (2, seen(0)), (1 + EMPTY_S, seen(0)), (5, seen(1)))
    states = [judgement.state for judgement in said]
    assert states == [State.UNKNOWN] * 3 + [State.ABSENT, State.UNKNOWN]
    assert [judgement.reasons[0].code for judgement in said[1:4]] == [ReasonCode.NO_FACE] * 3
    assert said[3].reasons[0].since_s == EMPTY_S


def test_the_number_has_its_own_since() -> None:
    """The reason lasts as long as the number does."""
    said = play((0, seen(2)), (2, seen(2)), (3, seen(3)))
    assert [judgement.reasons[0].since_s for judgement in said] == [0, 2, 0]


def test_a_dark_picture_says_nothing() -> None:
    """A covered lens is no empty room."""
    said = play(*((second, seen(0, brightness=0.01)) for second in range(10)))
    assert {judgement.state for judgement in said} == {State.UNKNOWN}
    assert {judgement.reasons[0].code for judgement in said} == {ReasonCode.UNREADABLE}


def test_a_gap_is_no_emptiness() -> None:
    """Two empty pictures a minute apart do not tell what was between."""
    said = play((0, seen(0)), (60, seen(0)))
    assert said[1].state is State.UNKNOWN

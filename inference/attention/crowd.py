"""What is said about a room: whether anybody is there, and how many. Never about their attention.

Faces in a room are too small for gaze and lids, and nobody says who of them a session is about. So
attention and state are unknown while people are there, with their number as the reason; an empty
room is absent once it stays empty. A picture too dark to read says nothing about who is there.
"""

from dataclasses import dataclass

from inference.attention.judge import Judgement
from inference.attention.reasons import Reason, sentence
from inference.attention.state import ReasonCode, State
from inference.attention.view import is_too_dark
from inference.perception.observation import Observation

EMPTY_S = 3.0
"""A room that shows nobody for so long is empty; until then they may have turned away."""
SAME_WITHIN_S = 3.0
"""Frames further apart than this do not tell what was between them."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is remembered of one room."""

    faces: int | None = None
    """How many were there; None when nothing is known."""
    began_s: float = 0.0
    """Since when that many."""
    last_s: float = 0.0


def judge_room(room: Room, observation: Observation, now_s: float) -> tuple[Room, Judgement]:
    """Judge one picture of a room camera.

    Args:
        room: from `Room()`, or the picture before.
        observation: what was measured.
        now_s: when the frame was captured, seconds on any steady clock.
    """
    faces = None if is_too_dark(observation) else len(observation.room)
    goes_on = faces == room.faces and 0 <= now_s - room.last_s <= SAME_WITHIN_S
    after = Room(faces, room.began_s if goes_on else now_s, now_s)
    since_s = now_s - after.began_s
    is_empty = faces == 0 and since_s >= EMPTY_S
    state = State.ABSENT if is_empty else State.UNKNOWN
    return after, Judgement(
        state=state,
        probability=1.0,
        attention=None,
        reasons=(_reason(faces, observation, since_s),),
        on_screen=None,
        eyes_closed=None,
        openness=None,
    )


def _reason(faces: int | None, observation: Observation, since_s: float) -> Reason:
    if faces is None:
        text = "picture too dark to read"
        return Reason(ReasonCode.UNREADABLE, observation.brightness, since_s, text)
    if faces == 0:
        return Reason(ReasonCode.NO_FACE, 0.0, since_s, "nobody in the room")
    code, people = ReasonCode.PEOPLE_IN_ROOM, float(faces)
    return Reason(code, people, since_s, sentence(code, people, since_s))

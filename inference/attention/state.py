"""The closed sets of what can be said. Numbers are those of `rapt.v1`."""

from enum import IntEnum


class State(IntEnum):
    """What is said about a moment."""

    FOCUSED = 1
    DRIFTING = 2
    AWAY = 3
    EYES_CLOSED = 4
    ABSENT = 5
    UNKNOWN = 6


class ReasonCode(IntEnum):
    """What was seen."""

    ON_SCREEN = 1
    GAZE_ASIDE = 2
    GAZE_DOWN = 3
    GAZE_UP = 4
    HEAD_TURNED = 5
    HEAD_DOWN = 6
    EYES_CLOSED = 7
    NO_FACE = 8
    FACE_SMALL = 9
    SEVERAL_FACES = 10
    UNREADABLE = 11
    NO_BASELINE = 12
    PEOPLE_IN_ROOM = 13

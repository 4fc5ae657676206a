"""The state of a session in bytes, for the worker after this one: memory and track.

Version, then the track, then the memory. What another version wrote is ignored: the person's usual
pose is then learned anew. No pixels, no identity.
"""

import struct
from dataclasses import dataclass

from rapt.limits import MAX_STATE_BYTES

from inference.attention.judge import Memory
from inference.perception.track import Place, Track

VERSION = 1

_HEAD = struct.Struct("<B?")  # version, whether there is a track
_PLACE = struct.Struct("<4fI")


@dataclass(frozen=True, slots=True)
class State:
    """What a worker knows of a person."""

    memory: Memory
    track: Track | None


def pack(state: State) -> bytes:
    """Return the state in bytes; without the memory should that ever be too large."""
    place = b""
    if state.track is not None:
        student = state.track.student
        angles = student.centre_x, student.centre_y, student.side, student.angle_rad
        place = _PLACE.pack(*angles, student.number)
    packed = _HEAD.pack(VERSION, bool(place)) + place
    memory = state.memory.to_bytes()
    return packed + memory if len(packed) + len(memory) <= MAX_STATE_BYTES else packed


def unpack(data: bytes) -> State:
    """Return the state; what can not be read is new."""
    try:
        version, has_place = _HEAD.unpack_from(data)
        at = _HEAD.size
        track = None
        if has_place:
            x, y, side, angle_rad, number = _PLACE.unpack_from(data, at)
            at += _PLACE.size
            place = Place(x, y, side, angle_rad, number)
            track = Track(place) if place.is_possible else None  # searched anew at once
    except struct.error:
        return State(Memory.new(), None)
    if version != VERSION:
        return State(Memory.new(), None)
    return State(Memory.from_bytes(data[at:]), track)

"""What the picture of a room camera says: who is there, where, and which way each head is turned.

Faces in a room are 20 to 35 pixels between the eyes in a frame 640 wide: enough for presence and
head pose, never for gaze or lids. Nobody is recognised; numbers end with the call.
"""

from collections.abc import Sequence

import numpy as np

from inference.perception.look import Face
from inference.perception.observation import Box, Observation, RoomFace
from inference.perception.pose import Reference
from inference.perception.quality import sharpness_and_brightness
from inference.perception.readings import Readings, read_landmarks
from inference.perception.track import Followed


def measure_crowds(faces: Sequence[Face], reference: Reference) -> list[Observation]:
    """Measure everyone in N pictures, N >= 1.

    Args:
        faces: the largest face of each picture, with the others of its room.
        reference: face that head poses are fitted with.
    """
    members = [
        (face.picture, who) for face in faces for who in (face.followed, *face.followed.others)
    ]
    landmarks = np.stack([who.mesh.landmarks for _, who in members])
    readings = read_landmarks([picture for picture, _ in members], landmarks, reference)
    boxes = readings.boxes_inside()
    everyone = [_room_face(who, boxes[row], readings, row) for row, (_, who) in enumerate(members)]
    observations = []
    first = 0
    for face in faces:
        end = first + 1 + len(face.followed.others)
        observations.append(_observation(face.followed, everyone[first:end]))
        first = end
    return observations


def _observation(largest: Followed, room: list[RoomFace]) -> Observation:
    """Put one picture's people together; angles are theirs, not the picture's."""
    ordered = sorted(room, key=_area, reverse=True)
    sharpness, brightness = sharpness_and_brightness(largest.mesh.crop)
    return Observation(
        faces=len(room),
        brightness=brightness,
        face_box=ordered[0].face_box,
        face_probability=ordered[0].face_probability,
        eye_distance_px=ordered[0].eye_distance_px,
        sharpness=sharpness,
        room=tuple(ordered),
    )


def _room_face(who: Followed, box: Box, readings: Readings, row: int) -> RoomFace:
    has_head = bool(readings.has_head[row])
    poses = readings.poses
    return RoomFace(
        who.number,
        box,
        who.mesh.probability,
        float(readings.sent_px[row]),
        float(poses.yaw_rad[row]) if has_head else None,
        float(poses.pitch_rad[row]) if has_head else None,
        float(poses.roll_rad[row]) if has_head else None,
    )


def _area(face: RoomFace) -> float:
    x0, y0, x1, y1 = face.face_box
    return (x1 - x0) * (y1 - y0)

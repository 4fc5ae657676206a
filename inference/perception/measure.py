"""What a batch of followed faces says: pose, eyes, gaze and quality, with the limits of each.

What cannot be measured at this size is left out. All faces of the batch are worked on at once.
"""

from collections.abc import Sequence

import numpy as np

from inference.perception.decode import Picture
from inference.perception.eyes import eye_aspect_ratios, eye_distances, eye_weights
from inference.perception.gaze import gaze_angles, gaze_sigma
from inference.perception.observation import Observation
from inference.perception.points import MESH_POINTS
from inference.perception.pose import Reference
from inference.perception.quality import (
    MIN_EYES_PX,
    MIN_GAZE_PX,
    MIN_HEAD_PX,
    picture_brightness,
)
from inference.perception.track import Followed


def no_face(picture: Picture) -> Observation:
    """What a picture without a face says."""
    return Observation(faces=0, brightness=picture_brightness(picture.pixels))


def measure(
    pictures: Sequence[Picture], followed: Sequence[Followed], reference: Reference
) -> list[Observation]:
    """Measure N faces, one of each picture."""
    if not followed:
        return []
    landmarks = np.stack([face.mesh.landmarks for face in followed])
    poses = reference.poses(landmarks)
    weights = eye_weights(poses.yaw_rad)
    ratios = (eye_aspect_ratios(landmarks) * weights).sum(axis=1)
    gaze_yaw, gaze_pitch = gaze_angles(landmarks, poses, weights)
    seen_px = eye_distances(landmarks)
    sigma = gaze_sigma(seen_px)
    sent_px = seen_px * [picture.scale for picture in pictures]
    boxes = _boxes(pictures, landmarks)
    observations = []
    for index, face in enumerate(followed):
        has_head = seen_px[index] >= MIN_HEAD_PX
        has_eyes = seen_px[index] >= MIN_EYES_PX
        has_gaze = seen_px[index] >= MIN_GAZE_PX
        observations.append(
            Observation(
                faces=face.faces,
                brightness=face.mesh.brightness,
                face_box=boxes[index],
                face_probability=face.mesh.probability,
                head_yaw_rad=float(poses.yaw_rad[index]) if has_head else None,
                head_pitch_rad=float(poses.pitch_rad[index]) if has_head else None,
                head_roll_rad=float(poses.roll_rad[index]) if has_head else None,
                gaze_yaw_rad=float(gaze_yaw[index]) if has_gaze else None,
                gaze_pitch_rad=float(gaze_pitch[index]) if has_gaze else None,
                gaze_sigma_rad=float(sigma[index]) if has_gaze else None,
                eye_aspect_ratio=float(ratios[index]) if has_eyes else None,
                eye_distance_px=float(sent_px[index]),
                sharpness=face.mesh.sharpness,
            )
        )
    return observations


def _boxes(
    pictures: Sequence[Picture], landmarks: np.ndarray
) -> list[tuple[float, float, float, float]]:
    """Boxes of the meshes in 0..1 of their frames."""
    xy = landmarks[:, :MESH_POINTS, :2]
    sizes = np.array([picture.pixels.shape[1::-1] for picture in pictures], np.float32)
    corners = np.concatenate([xy.min(axis=1) / sizes, xy.max(axis=1) / sizes], axis=1)
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in np.clip(corners, 0, 1).tolist()]

"""Everything measured in one frame. What could not be measured is None, never a guess."""

from dataclasses import dataclass
from enum import IntEnum

Box = tuple[float, float, float, float]


class GazeSource(IntEnum):
    """What a gaze was measured with. Numbers are those of `rapt.v1`."""

    NONE = 0
    IRISES = 1
    NETWORK = 2


@dataclass(frozen=True, slots=True)
class Movements:
    """Visible movements of one face: how far muscles have moved it, never what it feels.

    Each is 0 (at rest) .. 1; only differences to the same person's usual values mean something.
    """

    smile: float
    """Corners of the mouth up and out."""
    brows_down: float
    squint: float
    """Lids narrowed by the cheeks and the muscle around the eye."""


@dataclass(frozen=True, slots=True)
class RoomFace:
    """One person in the picture of a room camera. Nobody is recognised."""

    track: int
    """Number of the face within its call."""
    face_box: Box
    """x0, y0, x1, y1 in 0..1 of the frame."""
    face_probability: float
    """What the mesh says about there being a face, 0..1."""
    eye_distance_px: float
    """Distance of the outer eye corners in pixels of the sent frame, turned to the camera."""
    head_yaw_rad: float | None = None
    head_pitch_rad: float | None = None
    head_roll_rad: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One frame's measurements.

    Camera frame: x right in the unmirrored picture, y down, z away from the camera. Looking into
    the lens is yaw 0, pitch 0. Yaw is positive towards the image left, pitch up, roll clockwise.
    """

    faces: int
    """Faces in the picture, 0.. ; only the largest is measured, but for `room`."""
    brightness: float
    """Mean of the face, or of the picture when there is none, 0 black .. 1 white."""
    face_box: Box | None = None
    """x0, y0, x1, y1 of the face in 0..1 of the frame."""
    face_probability: float | None = None
    """What the mesh says about there being a face, 0..1."""
    head_yaw_rad: float | None = None
    head_pitch_rad: float | None = None
    head_roll_rad: float | None = None
    gaze_yaw_rad: float | None = None
    gaze_pitch_rad: float | None = None
    gaze_sigma_rad: float | None = None
    """One standard deviation of each gaze angle, for a person never seen before."""
    eye_aspect_ratio: float | None = None
    """Height of the eye opening over its width, 0..0.5; one input of eye openness."""
    eye_distance_px: float | None = None
    """Distance of the outer eye corners in pixels of the sent frame, turned to the camera."""
    sharpness: float | None = None
    """Variance of the Laplacian of the face; only compared with the same person's."""
    gaze_source: GazeSource = GazeSource.NONE
    eyes_closed_probability: float | None = None
    """What the network of open eyes says, 0 open .. 1 closed; looking down reads as closed."""
    clipped: float | None = None
    """Share of the face that is black or white beyond telling, 0..1."""
    inside: float | None = None
    """Share of the face's box that lies inside the frame, 0..1."""
    movements: Movements | None = None
    """Only where the policy allows it, and not in every frame. Never an input of attention."""
    room: tuple[RoomFace, ...] = ()
    """Everyone before a room camera, largest first; empty for a webcam."""
    reused: bool = False
    """Whether the picture was so like the one before that its measurements were used again."""

    @property
    def has_face(self) -> bool:
        """Whether a face was found."""
        return self.face_box is not None

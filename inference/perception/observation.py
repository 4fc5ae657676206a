"""Everything measured in one frame. What could not be measured is None, never a guess."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """One frame's measurements.

    Camera frame: x right in the unmirrored picture, y down, z away from the camera. Looking into
    the lens is yaw 0, pitch 0. Yaw is positive towards the image left, pitch up, roll clockwise.
    """

    faces: int
    """Faces in the picture, 0.. ; only the largest is measured."""
    brightness: float
    """Mean of the face, or of the picture when there is none, 0 black .. 1 white."""
    face_box: tuple[float, float, float, float] | None = None
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

    @property
    def has_face(self) -> bool:
        """Whether a face was found."""
        return self.face_box is not None

"""What a batch of followed faces says: pose, eyes, gaze, movements and quality, with their limits.

What cannot be measured at this size is left out. All faces of the batch are worked on at once.
Networks that were not fetched are done without: irises give the gaze, landmarks the movements.
Nothing but presence and head pose is measured of the people before a room camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.models.folder import ModelFolder
from inference.perception.crowd import measure_crowds
from inference.perception.decode import Picture
from inference.perception.expression import MovementReader
from inference.perception.eye_network import EyeNetwork
from inference.perception.gaze import IRIS_SIGMA_RAD, gaze_angles, gaze_sigma
from inference.perception.gaze_network import NETWORK_SIGMA_RAD, GazeNetwork
from inference.perception.look import Face
from inference.perception.observation import GazeSource, Movements, Observation
from inference.perception.pose import Reference
from inference.perception.quality import clipped_share, inside_share, picture_brightness
from inference.perception.readings import Readings, read_landmarks
from inference.perception.rows import Opener
from inference.stages import StageRun

F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def no_face(picture: Picture) -> Observation:
    """What a picture without a face says."""
    return Observation(faces=0, brightness=picture_brightness(picture.pixels))


@dataclass(frozen=True, slots=True, eq=False)
class _Gazes:
    """N gazes; rows without one are not to be looked at."""

    source: GazeSource
    yaw_rad: F64
    pitch_rad: F64
    sigma_rad: F64


class Measurer:
    """Measures faces, with the networks that are there.

    Args:
        reference: face that head poses are fitted with.
        gaze: without it the irises have to do.
        eyes: without it the landmarks alone speak of the lids.
        movements: without it none are measured.
    """

    def __init__(
        self,
        reference: Reference,
        gaze: GazeNetwork | None = None,
        eyes: EyeNetwork | None = None,
        movements: MovementReader | None = None,
    ) -> None:
        self._reference = reference
        self._gaze = gaze
        self._eyes = eyes
        self._movements = movements

    @classmethod
    def load(cls, folder: ModelFolder, provider: str, threads: int = 1) -> "Measurer":
        """Open and warm the optional networks that are there, but those of expressions.

        Those are opened when a frame first wants them: never, where no policy allows them.

        Args:
            folder: the built models.
            provider: ONNX Runtime's name of where to run.
            threads: inside one network run.

        Raises:
            Misconfigured: a model is damaged, or does not run there.
        """
        face = folder.reference_face()
        opener = Opener(folder, provider, threads)
        return cls(
            Reference(face.points, face.weights),
            GazeNetwork.load(opener),
            EyeNetwork.load(opener),
            MovementReader(opener),
        )

    def measure(self, faces: Sequence[Face]) -> list[Observation]:
        """Measure N faces, one of each picture; before a room camera everyone who is followed."""
        crowds = [index for index, face in enumerate(faces) if face.wants.room]
        students = [index for index, face in enumerate(faces) if not face.wants.room]
        found: dict[int, Observation] = {}
        if crowds:
            measured = measure_crowds([faces[index] for index in crowds], self._reference)
            found.update(zip(crowds, measured, strict=True))
        if students:
            found.update(zip(students, self._students([faces[i] for i in students]), strict=True))
        return [found[index] for index in range(len(faces))]

    def stages(self) -> tuple[StageRun, ...]:
        """Return the network runs since the last call of this."""
        readers = (self._gaze, self._eyes, self._movements)
        return tuple(run for r in readers if r is not None for run in r.take_runs())

    def _students(self, faces: Sequence[Face]) -> list[Observation]:
        pictures = [face.picture for face in faces]
        landmarks = np.stack([face.followed.mesh.landmarks for face in faces])
        readings = read_landmarks(pictures, landmarks, self._reference)
        gazes = self._gazes(pictures, readings)
        closed = self._closed(pictures, readings)
        movements = self._moved(faces, readings)
        head_sigmas = readings.head_sigmas()
        inside = inside_share(readings.boxes)
        has_head, has_eyes, has_gaze = readings.has_head, readings.has_eyes, readings.has_gaze
        poses = readings.poses

        def at(values: F64 | None, row: int, valid: Flags) -> float | None:
            return float(values[row]) if values is not None and valid[row] else None

        return [
            Observation(
                faces=face.followed.faces,
                brightness=face.followed.mesh.brightness,
                face_box=readings.box(row),
                face_probability=face.followed.mesh.probability,
                head_yaw_rad=at(poses.yaw_rad, row, has_head),
                head_pitch_rad=at(poses.pitch_rad, row, has_head),
                head_roll_rad=at(poses.roll_rad, row, has_head),
                gaze_yaw_rad=at(gazes.yaw_rad, row, has_gaze),
                gaze_pitch_rad=at(gazes.pitch_rad, row, has_gaze),
                gaze_sigma_rad=at(gazes.sigma_rad, row, has_gaze),
                eye_aspect_ratio=at(readings.eye_aspect_ratio, row, has_eyes),
                eye_distance_px=float(readings.sent_px[row]),
                sharpness=face.followed.mesh.sharpness,
                gaze_source=gazes.source if has_gaze[row] else GazeSource.NONE,
                eyes_closed_probability=at(closed, row, has_eyes),
                head_yaw_sigma_rad=at(head_sigmas[0], row, has_head),
                head_pitch_sigma_rad=at(head_sigmas[1], row, has_head),
                clipped=clipped_share(face.picture.pixels, readings.box(row)),
                inside=float(inside[row]),
                movements=movements.get(row),
            )
            for row, face in enumerate(faces)
        ]

    def _gazes(self, pictures: Sequence[Picture], readings: Readings) -> _Gazes:
        seen_px = readings.seen_px
        if self._gaze is None:
            yaw, pitch = gaze_angles(readings.landmarks, readings.poses, readings.eye_weights)
            return _Gazes(GazeSource.IRISES, yaw, pitch, gaze_sigma(IRIS_SIGMA_RAD, seen_px))
        yaw, pitch = np.zeros(len(pictures)), np.zeros(len(pictures))
        rows = np.flatnonzero(readings.has_gaze)
        if len(rows):
            pixels = [pictures[row].pixels for row in rows.tolist()]
            yaw[rows], pitch[rows] = self._gaze.angles(
                pixels, readings.landmarks[rows], readings.poses.rows(rows)
            )
        return _Gazes(GazeSource.NETWORK, yaw, pitch, gaze_sigma(NETWORK_SIGMA_RAD, seen_px))

    def _closed(self, pictures: Sequence[Picture], readings: Readings) -> F64 | None:
        rows = np.flatnonzero(readings.has_eyes)
        if self._eyes is None:
            return None
        closed = np.zeros(len(pictures))
        if len(rows):
            closed[rows] = self._eyes.closed(
                [pictures[row].pixels for row in rows.tolist()],
                readings.landmarks[rows],
                readings.poses.roll_rad[rows],
                readings.eye_weights[rows],
            )
        return closed

    def _moved(self, faces: Sequence[Face], readings: Readings) -> dict[int, Movements]:
        """Movements by row, of those faces alone whose frames want them."""
        wanted = np.array([face.wants.expression for face in faces])
        rows = np.flatnonzero(wanted & readings.has_eyes)
        if self._movements is None or not len(rows):
            return {}
        moved = self._movements.read(
            [faces[row].picture.pixels for row in rows.tolist()],
            readings.landmarks[rows],
            readings.poses.rows(rows),
        )
        return dict(zip(rows.tolist(), moved, strict=True))

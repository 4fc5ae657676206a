"""What a batch of followed faces says: pose, eyes, gaze, movements and quality, with their limits.

What cannot be measured at this size is left out. All faces of the batch are worked on at once.
Networks that were not fetched are done without: irises give the gaze, landmarks the movements.
The gaze network is fed with both eyes. Where a turned head hides one its yaw falls behind (on three
of four sides of two drawn heads it stops at 17 to 25 degrees while they turn on), so there the near
iris gives the yaw. The pitch stays the network's: on a clip of a person the two are 6.8 degrees
apart in it. In yaw they are 0.2 apart, but that head turns from -13.8 to 17.7 degrees only: at the
switch the yaw may jump.
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
from inference.perception.eyes import NEAR_EYE_ONLY_RAD
from inference.perception.gaze import IRIS_SIGMA_RAD, gaze_angles, gaze_sigma
from inference.perception.gaze_network import NETWORK_SIGMA_RAD, GazeNetwork
from inference.perception.look import Face
from inference.perception.observation import GazeSource, Movements, Observation
from inference.perception.pose import Reference
from inference.perception.quality import (
    clipped_share,
    inside_share,
    picture_brightness,
    sharpness_and_brightness,
)
from inference.perception.readings import Readings, read_landmarks
from inference.perception.rows import Opener
from inference.scheduling.stages import StageRun

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
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

    @property
    def columns(self) -> tuple[F64, F64, F64]:
        """Angles and their uncertainty."""
        return self.yaw_rad, self.pitch_rad, self.sigma_rad


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

    def open_expressions(self) -> None:
        """Open the networks of expressions now and wait, for whoever needs the first frames."""
        if self._movements is not None:
            self._movements.open()

    def stages(self) -> tuple[StageRun, ...]:
        """Return the network runs since the last call of this."""
        readers = (self._gaze, self._eyes, self._movements)
        return tuple(run for r in readers if r is not None for run in r.take_runs())

    def _students(self, faces: Sequence[Face]) -> list[Observation]:
        readings = self._readings(faces)
        gazes = self._gazes(faces, readings)
        columns = zip(
            faces,
            readings.boxes_inside(),
            inside_share(readings.boxes).tolist(),
            [sharpness_and_brightness(face.followed.mesh.crop) for face in faces],
            readings.sent_px.tolist(),
            _heads(readings),
            _rows(gazes.columns, readings.has_gaze),
            _rows((readings.eye_aspect_ratio,), readings.has_eyes),
            self._closed(faces, readings),
            self._moved(faces, readings),
            strict=True,
        )
        return [
            Observation(
                faces=face.followed.faces,
                brightness=quality[1],
                face_box=box,
                face_probability=face.followed.mesh.probability,
                head_yaw_rad=head[0],
                head_pitch_rad=head[1],
                head_roll_rad=head[2],
                gaze_yaw_rad=gaze[0],
                gaze_pitch_rad=gaze[1],
                gaze_sigma_rad=gaze[2],
                eye_aspect_ratio=ratio,
                eye_distance_px=sent_px,
                sharpness=quality[0],
                gaze_source=gazes.source if gaze[0] is not None else GazeSource.NONE,
                eyes_closed_probability=closed,
                clipped=clipped_share(face.picture.pixels, box),
                inside=inside,
                movements=moved,
            )
            for face, box, inside, quality, sent_px, head, gaze, (ratio,), closed, moved in columns
        ]

    def _readings(self, faces: Sequence[Face]) -> Readings:
        landmarks = np.stack([face.followed.mesh.landmarks for face in faces])
        return read_landmarks([face.picture for face in faces], landmarks, self._reference)

    def _gazes(self, faces: Sequence[Face], readings: Readings) -> _Gazes:
        seen_px = readings.seen_px
        yaw, pitch = gaze_angles(readings.landmarks, readings.poses, readings.eye_weights)
        if self._gaze is None:
            return _Gazes(GazeSource.IRISES, yaw, pitch, gaze_sigma(IRIS_SIGMA_RAD, seen_px))
        shows_both = np.abs(readings.poses.yaw_rad) <= NEAR_EYE_ONLY_RAD
        rows = np.flatnonzero(readings.has_gaze)
        if len(rows):
            of_both, pitch[rows] = self._gaze.angles(
                _pixels(faces, rows), readings.landmarks[rows], readings.poses.rows(rows)
            )
            yaw[rows] = np.where(shows_both[rows], of_both, yaw[rows])
        sigma_rad = np.where(shows_both, NETWORK_SIGMA_RAD, IRIS_SIGMA_RAD)
        return _Gazes(GazeSource.NETWORK, yaw, pitch, gaze_sigma(sigma_rad, seen_px))

    def _closed(self, faces: Sequence[Face], readings: Readings) -> list[float | None]:
        """Probability of closed lids, None where there is no network or the eyes are too small."""
        rows = np.flatnonzero(readings.has_eyes)
        if self._eyes is None:
            return [None] * len(faces)
        closed = np.zeros(len(faces))
        if len(rows):
            closed[rows] = self._eyes.closed(
                _pixels(faces, rows),
                readings.landmarks[rows],
                readings.poses.roll_rad[rows],
                readings.eye_weights[rows],
            )
        return [row[0] for row in _rows((closed,), readings.has_eyes)]

    def _moved(self, faces: Sequence[Face], readings: Readings) -> list[Movements | None]:
        """Movements of those faces alone whose frames want them."""
        wanted = np.array([face.wants.expression for face in faces])
        rows = np.flatnonzero(wanted & readings.has_eyes)
        found: list[Movements | None] = [None] * len(faces)
        if self._movements is None or not len(rows):
            return found
        moved = self._movements.read(
            _pixels(faces, rows),
            readings.landmarks[rows],
            readings.poses.rows(rows),
        )
        for row, movements in zip(rows.tolist(), moved, strict=True):
            found[row] = movements
        return found


def _pixels(faces: Sequence[Face], rows: npt.NDArray[np.int64]) -> list[U8]:
    return [faces[row].picture.pixels for row in rows.tolist()]


def _heads(readings: Readings) -> list[tuple[float | None, ...]]:
    """Yaw, pitch and roll; None where the face is too small."""
    poses = readings.poses
    return _rows((poses.yaw_rad, poses.pitch_rad, poses.roll_rad), readings.has_head)


def _rows(columns: Sequence[F64], valid: Flags) -> list[tuple[float | None, ...]]:
    """Rows of numbers; those that are not valid hold None instead."""
    nothing = (None,) * len(columns)
    values = zip(*(column.tolist() for column in columns), strict=True)
    return [
        row if is_valid else nothing for row, is_valid in zip(values, valid.tolist(), strict=True)
    ]

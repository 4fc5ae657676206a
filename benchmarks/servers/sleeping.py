"""The sleep model as a device of our engine: for streams, and as a model for Triton's clients."""

import time
from collections.abc import Sequence

from benchmarks.servers.inside.sleep_model import MAX_BATCH, MODEL, SleepModel
from inference.oip.bare import BareModel, Rows
from inference.oip.tensors import Row, TensorSpec
from inference.perception.look import Look, Seen, Unreadable
from inference.perception.observation import GazeSource, Observation
from inference.scheduling.stages import Ran, StageRun

SEEN = Seen(
    Observation(
        faces=1,
        brightness=0.5,
        face_box=(0.3, 0.2, 0.7, 0.8),
        face_probability=0.99,
        head_yaw_rad=0.05,
        head_pitch_rad=-0.05,
        head_roll_rad=0.0,
        gaze_yaw_rad=0.04,
        gaze_pitch_rad=-0.08,
        gaze_sigma_rad=0.1,
        gaze_source=GazeSource.IRISES,
        eye_distance_px=60.0,
    ),
    None,
)


BUCKETS = tuple(2**power for power in range(MAX_BATCH.bit_length()))
ROW_BUCKETS = (1, 2, *range(4, MAX_BATCH + 1, 4))
"""Nothing is padded to them: where 27 wait, 16 of them are no better batch."""
VERDICT = TensorSpec("VERDICT", "FP32", (8,), "nothing")


class SleepDevice:
    """Takes as long as the model says, and sees the same face in every picture."""

    provider = "asleep"
    buckets = BUCKETS

    def __init__(self, model: SleepModel) -> None:
        self._model = model

    def prepare(self, jobs: Sequence[Look]) -> int:
        """There is nothing to decode."""
        return len(jobs)

    def run(self, prepared: int) -> Ran[Seen | Unreadable]:
        """Sleep as long as a batch takes."""
        return Ran([SEEN] * prepared, (_slept(self._model, prepared),))


class SleepRows:
    """The same for rows of tensors."""

    provider = "asleep"
    buckets = ROW_BUCKETS

    def __init__(self, model: SleepModel) -> None:
        self._model = model

    def prepare(self, jobs: Sequence[Rows]) -> int:
        """There is nothing to put together."""
        return len(jobs)

    def run(self, prepared: int) -> Ran[Sequence[Row]]:
        """Sleep as long as a batch takes."""
        stage = _slept(self._model, prepared)
        return Ran([(bytes(VERDICT.row_bytes),)] * prepared, (stage,))


def sleep_rows(model: SleepModel, frame_bytes: int) -> BareModel:
    """Return the sleep model as rivals serve it: a picture in, eight numbers out."""
    image = TensorSpec("IMAGE", "UINT8", (frame_bytes,), "a picture; nobody looks at it")
    return BareModel(MODEL, SleepRows(model), inputs=(image,), outputs=(VERDICT,))


def _slept(model: SleepModel, frames: int) -> StageRun:
    began_s = time.perf_counter()
    model.run(frames)
    return StageRun("sleep", frames, frames, time.perf_counter() - began_s)

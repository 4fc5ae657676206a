"""How well is the head's turn measured? Against puppets, per axis and per condition.

The puppet's own depth is a guess, so the slope of yaw says how far perception and puppet agree on
depth, and no more; the residual around the straight line says how well turns are told apart.
Angles are compared with those of the same puppet unturned: a person's constant offset is in the
baseline.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.closed_loop.views import Shot
from inference.perception.pipeline import Look, Pipeline, Seen

F64 = npt.NDArray[np.float64]
BATCH = 8
AXES = 3
"""Of a head: yaw, pitch, roll."""
LOOKS_PER_SHOT = 2
"""A stream follows its face: the second look is the usual one."""


class Axis(msgspec.Struct, frozen=True):
    """One angle of many pictures."""

    n: int
    slope: float
    residual_deg: float
    """Root mean square around the best straight line."""
    mae_deg: float
    """Mean absolute error of the angle itself."""
    p95_deg: float
    """95th percentile of the absolute error."""


class Gaze(msgspec.Struct, frozen=True):
    """How the gaze of eyes that are fixed in their head follows that head."""

    yaw: Axis | None
    pitch: Axis | None


class Bin(msgspec.Struct, frozen=True):
    """Pictures of one kind."""

    kind: str
    value: str
    n: int
    found: float
    """Share of the pictures in which the face was found."""
    yaw: Axis | None
    pitch: Axis | None
    roll: Axis | None


@dataclass(frozen=True, slots=True)
class Measured:
    """True and measured turns of one portrait's pictures, degrees, less the unturned view."""

    true: F64
    """(N, 3) yaw, pitch, roll."""
    seen: F64
    """(N, 3); NaN where no head was measured."""
    gaze: F64 = field(default_factory=lambda: np.empty((0, 2)))
    """(N, 2) yaw and pitch of the gaze; NaN where none was measured."""


def measure(pipeline: Pipeline, taken: Sequence[Shot]) -> Measured:
    """Look at every shot as a stream would, and take the unturned view of each portrait off."""
    seen = np.array([(*_turns(result), *_gaze(result)) for result in _look(pipeline, taken)])
    true = np.array([[s.pose.yaw_deg, s.pose.pitch_deg, s.pose.roll_deg] for s in taken])
    names = np.array([shot.portrait for shot in taken])
    for name in set(names.tolist()):
        of_name = names == name
        seen[of_name] -= seen[of_name][0]  # the first is unturned
    turned = np.abs(true).sum(axis=1) > 0
    return Measured(true[turned], seen[turned, :AXES], seen[turned, AXES:])


def axis(measured: Measured, index: int) -> Axis | None:
    """Compare one angle; None when too few heads were measured."""
    return _axis(measured.true[:, index], measured.seen[:, index])


def gaze_of(measured: Measured) -> Gaze:
    """Compare the gaze with the heads, whose eyes are fixed in them."""
    yaw, pitch = (_axis(measured.true[:, index], measured.gaze[:, index]) for index in range(2))
    return Gaze(yaw, pitch)


def _axis(true: F64, seen: F64) -> Axis | None:
    valid = np.isfinite(seen)
    if valid.sum() < 3 or np.ptp(true[valid]) == 0:  # noqa: PLR2004 - a line needs more than two
        return None
    slope, offset = np.polyfit(true[valid], seen[valid], 1)
    rest = seen[valid] - (slope * true[valid] + offset)
    error = np.abs(seen[valid] - true[valid])
    return Axis(
        n=int(valid.sum()),
        slope=round(float(slope), 3),
        residual_deg=round(float(np.sqrt(np.mean(rest**2))), 2),
        mae_deg=round(float(error.mean()), 2),
        p95_deg=round(float(np.percentile(error, 95)), 2),
    )


def bin_of(kind: str, value: str, measured: Measured) -> Bin:
    """Put the figures of one bin together."""
    found = float(np.isfinite(measured.seen[:, 0]).mean()) if len(measured.seen) else 0.0
    yaw, pitch, roll = (axis(measured, index) for index in range(3))
    return Bin(kind, value, len(measured.true), round(found, 3), yaw, pitch, roll)


def by_angle(measured: Measured) -> list[Bin]:
    """The same pictures by how far the head is turned, 10 degrees a bin."""
    bins = []
    for index, kind in enumerate(("yaw", "pitch")):
        size = np.round(measured.true[:, index] / 10).astype(int)
        for step in sorted(set(size.tolist())):
            chosen = size == step
            part = Measured(measured.true[chosen], measured.seen[chosen])
            bins.append(bin_of(kind, f"{step * 10:+d}°", part))
    return bins


def _look(pipeline: Pipeline, taken: Sequence[Shot]) -> list[Seen | None]:
    results: list[Seen | None] = []
    for start in range(0, len(taken), BATCH):
        batch = taken[start : start + BATCH]
        looks = [Look(shot.image) for shot in batch]
        for _ in range(LOOKS_PER_SHOT):
            answers = pipeline.observe(looks)
            tracks = [a.track if isinstance(a, Seen) else None for a in answers]
            looks = [Look(s.image, track) for s, track in zip(batch, tracks, strict=True)]
        results += [answer if isinstance(answer, Seen) else None for answer in answers]
    return results


def _turns(result: Seen | None) -> tuple[float, float, float]:
    seen = None if result is None else result.observation
    if seen is None or seen.head_yaw_rad is None:
        return math.nan, math.nan, math.nan
    yaw, pitch, roll = seen.head_yaw_rad, seen.head_pitch_rad, seen.head_roll_rad
    assert pitch is not None  # noqa: S101 - the three come together
    assert roll is not None  # noqa: S101 - the three come together
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


def _gaze(result: Seen | None) -> tuple[float, float]:
    seen = None if result is None else result.observation
    if seen is None or seen.gaze_yaw_rad is None or seen.gaze_pitch_rad is None:
        return math.nan, math.nan
    return math.degrees(seen.gaze_yaw_rad), math.degrees(seen.gaze_pitch_rad)

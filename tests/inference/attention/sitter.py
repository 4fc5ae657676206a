"""A person in front of a camera, as the numbers that perception would give."""

import math
import random
from dataclasses import dataclass, replace
from enum import Enum

from hypothesis import strategies as st

from inference.attention.baseline import learn_place
from inference.attention.direction import Direction
from inference.attention.lids import LidPosition
from inference.attention.likelihood import Evidence
from inference.attention.on_screen import Regions
from inference.attention.person import Person
from inference.attention.state import State
from inference.perception.observation import Observation

SIGMA_RAD = math.radians(12.2)
ON, DOWN, AWAY = Regions(0.95, 0.03, 0.02), Regions(0.03, 0.95, 0.02), Regions(0.001, 0.001, 0.998)
"""Clear gazes."""


def seen(lids: LidPosition | None, gaze: Regions | None = None) -> Evidence:
    """What a frame with a face says."""
    return Evidence(has_face=True, lids=lids, gaze=gaze)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence | None:
    """Anything that a frame can say."""
    if not draw(st.booleans()):
        return draw(st.sampled_from([None, Evidence(has_face=False)]))
    on, down, away = (draw(st.floats(0, 1)) for _ in range(3))
    total = max(on + down + away, 1e-3)
    gaze = draw(st.sampled_from([None, Regions(on / total, down / total, away / total)]))
    lids = draw(st.sampled_from([None, *LidPosition]))
    return seen(lids, gaze)


class Act(Enum):
    """What the person does: head yaw and pitch, degrees, and how wide the eyes are open."""

    WATCH = (0.0, 0.0, 1.0)
    READ_NOTES = (3.0, -26.0, 0.7)
    LOOK_ASIDE = (38.0, 2.0, 1.0)
    SLEEP = (0.0, -3.0, 0.08)
    LEAVE = (0.0, 0.0, 0.0)


TRUTH = {
    Act.WATCH: State.FOCUSED,
    Act.READ_NOTES: State.DRIFTING,
    Act.LOOK_ASIDE: State.AWAY,
    Act.SLEEP: State.EYES_CLOSED,
    Act.LEAVE: State.ABSENT,
}
SCRIPT = (
    (Act.WATCH, 14.0),
    (Act.READ_NOTES, 7.0),
    (Act.WATCH, 9.0),
    (Act.LOOK_ASIDE, 6.0),
    (Act.WATCH, 12.0),
    (Act.SLEEP, 8.0),
    (Act.WATCH, 10.0),
    (Act.LEAVE, 9.0),
    (Act.WATCH, 10.0),
    (Act.LOOK_ASIDE, 8.0),
    (Act.READ_NOTES, 8.0),
    (Act.WATCH, 9.0),
)
"""What the sitter does, and for how many seconds."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """One person's habits and shape."""

    yaw_deg: float = 4.0
    """Of the head when it looks at the middle of the screen."""
    pitch_deg: float = -9.0
    open_ratio: float = 0.28
    closed_ratio: float = 0.06
    eyes_up_deg: float = 3.0
    """Constant error of the gaze of this face."""
    noise_deg: float = 1.5

    def observed(self, act: Act, chance: random.Random) -> Observation:
        """One frame."""
        if act is Act.LEAVE:
            return nobody()
        yaw, pitch, openness = act.value
        head_yaw = self.yaw_deg + yaw + chance.gauss(0, self.noise_deg)
        head_pitch = self.pitch_deg + pitch + chance.gauss(0, self.noise_deg)
        opening = self.open_ratio - self.closed_ratio
        return face(
            head_yaw_deg=head_yaw,
            head_pitch_deg=head_pitch,
            gaze_yaw_deg=head_yaw + chance.gauss(0, 2 * self.noise_deg),
            gaze_pitch_deg=head_pitch + self.eyes_up_deg + chance.gauss(0, 2 * self.noise_deg),
            eye_aspect_ratio=self.closed_ratio + openness * opening + chance.gauss(0, 0.01),
        )


def nobody(brightness: float = 0.5) -> Observation:
    """A picture without a face."""
    return Observation(faces=0, brightness=brightness)


def face(  # noqa: PLR0913  each is one thing that a sitter does
    *,
    head_yaw_deg: float = 0.0,
    head_pitch_deg: float = -5.0,
    gaze_yaw_deg: float | None = None,
    gaze_pitch_deg: float | None = None,
    eye_aspect_ratio: float = 0.3,
    faces: int = 1,
) -> Observation:
    """A face; the gaze is that of the head unless it is given."""
    gaze_yaw = head_yaw_deg if gaze_yaw_deg is None else gaze_yaw_deg
    gaze_pitch = head_pitch_deg if gaze_pitch_deg is None else gaze_pitch_deg
    return Observation(
        faces=faces,
        brightness=0.5,
        face_box=(0.3, 0.3, 0.6, 0.7),
        face_probability=1.0,
        head_yaw_rad=math.radians(head_yaw_deg),
        head_pitch_rad=math.radians(head_pitch_deg),
        head_roll_rad=0.0,
        gaze_yaw_rad=math.radians(gaze_yaw),
        gaze_pitch_rad=math.radians(gaze_pitch),
        gaze_sigma_rad=SIGMA_RAD,
        eye_aspect_ratio=eye_aspect_ratio,
        eye_distance_px=72.0,
        sharpness=300.0,
    )


def known_person(
    yaw_deg: float = 0.0, pitch_deg: float = -5.0, *, eyes_up_deg: float = 0.0, frames: int = 80
) -> Person:
    """Someone who has looked at one place for some half seconds."""
    person = Person.new()
    head, gaze = Direction(yaw_deg, pitch_deg), Direction(yaw_deg, pitch_deg + eyes_up_deg)
    baseline = person.baseline
    for _ in range(frames):
        baseline = learn_place(baseline, head, gaze, frame_s=0.5)
    return replace(person, baseline=baseline)


def act_at(second: float) -> Act:
    """What the script says."""
    for act, lasts_s in SCRIPT:
        if second < lasts_s:
            return act
        second -= lasts_s
    return SCRIPT[-1][0]


def kept(after_s: float = 1.5) -> list[int]:
    """Seconds that are further than this from any change of the script."""
    changes = [sum(lasts_s for _, lasts_s in SCRIPT[:n]) for n in range(1, len(SCRIPT))]
    total = int(sum(lasts_s for _, lasts_s in SCRIPT))
    return [
        second
        for second in range(total)
        if all(second + 1 <= change - after_s or second >= change + after_s for change in changes)
    ]

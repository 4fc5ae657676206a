"""Pictures in, states out: a turned portrait plays a script and the judge tells it back."""

from collections import Counter

import cv2
import numpy as np
import pytest

from inference.attention.judge import Memory, judge
from inference.attention.state import State
from inference.perception.pipeline import Look, Pipeline, Seen, Track
from tests.inference.perception.puppet import U8, Puppet, to_jpeg

FPS = 2
SCRIPT = (
    (State.FOCUSED, 12),
    (State.AWAY, 6),
    (State.FOCUSED, 6),
    (State.DRIFTING, 6),
    (State.FOCUSED, 6),
    (State.EYES_CLOSED, 6),
    (State.FOCUSED, 6),
    (State.ABSENT, 6),
    (State.FOCUSED, 6),
)
"""State and seconds."""


def poses(puppet: Puppet) -> dict[State, U8]:
    """One view of each state, 320 pixels wide as a browser sends it."""
    views = {
        State.FOCUSED: puppet.view(yaw_deg=4),
        State.AWAY: puppet.view(yaw_deg=-42),
        State.DRIFTING: puppet.view(pitch_deg=-26),
        State.EYES_CLOSED: puppet.view(shut=True),
    }
    x, y = np.rint(puppet.landmarks[:468, :2].mean(axis=0)).astype(int)
    half = round(float(np.ptp(puppet.landmarks[:468, 0])) * 0.95)
    wall = np.full((240, 320, 3), 128, np.uint8)
    shots = {State.ABSENT: wall}
    for state, view in views.items():
        padded = np.pad(view, ((half, half), (half, half), (0, 0)), constant_values=128)
        shot = wall.copy()
        near = padded[y : y + 2 * half, x : x + 2 * half]
        shot[:, 40:280] = cv2.resize(near, (240, 240), interpolation=cv2.INTER_AREA)
        shots[state] = shot
    return shots


@pytest.fixture(params=["pipeline", "full_pipeline"])
def looker(request: pytest.FixtureRequest) -> Pipeline:
    """With what is always there, and with every optional network."""
    made: Pipeline = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_script_is_told_back_from_pictures(
    name: str,
    mirrored: bool,  # noqa: FBT001 - a column of the table
    looker: Pipeline,
    puppets: dict[str, Puppet],
) -> None:
    """From the second second after a change on each has its state; a few may be unsure."""
    step = -1 if mirrored else 1
    images = {
        state: to_jpeg(np.ascontiguousarray(shot[:, ::step]), quality=60)
        for state, shot in poses(puppets[name]).items()
    }
    memory, now_s = Memory.new(), 0.0
    track: Track | None = None
    said = Counter[bool]()
    for state, seconds in SCRIPT:
        for frame in range(seconds * FPS):
            [seen] = looker.observe([Look(images[state], track)])
            assert isinstance(seen, Seen)
            track = seen.track
            memory, judgement = judge(memory, seen.observation, now_s=now_s)
            if frame > 1.5 * FPS:
                said[judgement.state is state] += 1
                assert judgement.state in {state, State.UNKNOWN}, (now_s, judgement)
            now_s += 1 / FPS
    assert said[True] >= 0.95 * said.total()

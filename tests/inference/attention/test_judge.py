"""From one frame's measurements to what is said about the moment."""

import math
import random
from dataclasses import replace

import pytest

from inference.attention.judge import Judgement, Memory, judge
from inference.attention.state import ReasonCode, State
from tests.inference.attention.sitter import SCRIPT, TRUTH, Act, Sitter, act_at, face, kept, nobody

SITTERS = [
    pytest.param(Sitter(), id="usual"),
    pytest.param(Sitter(yaw_deg=-14, pitch_deg=4), id="camera aside and low"),
    pytest.param(Sitter(open_ratio=0.21, closed_ratio=0.05), id="narrow eyes"),
    pytest.param(Sitter(open_ratio=0.37, closed_ratio=0.11), id="wide eyes"),
    pytest.param(Sitter(eyes_up_deg=13), id="high irises"),
    pytest.param(Sitter(noise_deg=3), id="noisy"),
]


def played(sitter: Sitter, fps: float, seed: int = 1) -> list[tuple[float, Judgement]]:
    """Everything that is said while the script is played."""
    chance = random.Random(seed)
    memory = Memory.new()
    said = []
    for frame in range(int(sum(lasts_s for _, lasts_s in SCRIPT) * fps)):
        now_s = 1000 + frame / fps
        observed = sitter.observed(act_at(frame / fps), chance)
        memory, judgement = judge(memory, observed, now_s=now_s)
        said.append((frame / fps, judgement))
    return said


def by_second(said: list[tuple[float, Judgement]]) -> list[State]:
    """The state of each second: the one with the most probability."""
    seconds: dict[int, dict[State, float]] = {}
    for at_s, judgement in said:
        weights = seconds.setdefault(int(at_s), {})
        weights[judgement.state] = weights.get(judgement.state, 0) + judgement.probability
    return [max(weights, key=lambda state: weights[state]) for weights in seconds.values()]


@pytest.mark.parametrize("sitter", SITTERS)
@pytest.mark.parametrize("fps", [1.0, 2.0, 8.0])
def test_script_is_told_back(sitter: Sitter, fps: float) -> None:
    """Away from changes at least nine seconds of ten have the scripted state."""
    states = by_second(played(sitter, fps))
    seconds = kept()
    right = [states[second] is TRUTH[act_at(second)] for second in seconds]
    assert sum(right) / len(right) >= 0.9


@pytest.mark.parametrize("sitter", SITTERS)
def test_change_is_said_within_a_second_and_a_half(sitter: Sitter) -> None:
    """At two frames a second each new state is said soon, but for one in ten."""
    said = played(sitter, 2.0)
    lags, start_s = [], 0.0
    for act, lasts_s in SCRIPT:
        first = next(
            (at_s - start_s for at_s, j in said if at_s >= start_s and j.state is TRUTH[act]), 99.0
        )
        lags.append(first)
        start_s += lasts_s
    assert sum(lag <= 1.5 for lag in lags) >= len(lags) - 1, lags


@pytest.mark.parametrize("sitter", SITTERS)
def test_frame_rate_changes_little(sitter: Sitter) -> None:
    """Two, five and ten frames a second agree on 97 of 100 seconds away from changes."""
    seconds = kept(1.0)
    runs = [by_second(played(sitter, fps)) for fps in (2.0, 5.0, 10.0)]
    for run in runs[1:]:
        same = sum(run[second] is runs[0][second] for second in seconds)
        assert same >= 0.97 * len(seconds)


def watching(seconds: float = 20, fps: float = 2.0) -> tuple[Memory, float]:
    """A memory of someone who has watched for a while, and the time."""
    chance, memory, sitter = random.Random(3), Memory.new(), Sitter()
    for frame in range(int(seconds * fps)):
        memory, _ = judge(memory, sitter.observed(Act.WATCH, chance), now_s=frame / fps)
    return memory, seconds


def test_blink_is_not_closed_eyes() -> None:
    """One frame with closed lids changes nothing."""
    memory, now_s = watching()
    _, judgement = judge(memory, Sitter().observed(Act.SLEEP, random.Random(1)), now_s=now_s)
    assert judgement.state is State.FOCUSED
    assert judgement.openness is not None
    assert judgement.openness < 0.3
    assert judgement.on_screen is None


def test_reader_with_lowered_lids_drifts_and_does_not_sleep() -> None:
    """Looking down is the trap: lids that close over notes are not closed eyes."""
    memory, now_s = watching()
    chance, sitter = random.Random(1), Sitter()
    for frame in range(20):
        observed = sitter.observed(Act.READ_NOTES, chance)
        if frame > 4:
            observed = replace(observed, eye_aspect_ratio=0.07)
        memory, judgement = judge(memory, observed, now_s=now_s + frame / 2)
    assert judgement.state is State.DRIFTING
    assert ReasonCode.HEAD_DOWN in {reason.code for reason in judgement.reasons}


def test_sleeper_whose_head_sinks_still_sleeps() -> None:
    """Eyes that were closed before the head went down stay closed."""
    memory, now_s = watching()
    chance, sitter = random.Random(1), Sitter()
    for frame in range(30):
        observed = sitter.observed(Act.SLEEP, chance)
        if frame > 8:
            observed = replace(observed, head_pitch_rad=math.radians(-35))
        memory, judgement = judge(memory, observed, now_s=now_s + frame / 2)
    assert judgement.state is State.EYES_CLOSED


def test_moved_screen_is_learned() -> None:
    """Someone who turns to a second screen is away at first and watching again after a while."""
    memory, now_s = watching()
    chance, sitter, said = random.Random(4), Sitter(yaw_deg=36), []
    for frame in range(100):
        observed = sitter.observed(Act.WATCH, chance)
        memory, judgement = judge(memory, observed, now_s=now_s + frame / 2)
        said.append(judgement.state)
    assert set(said[4:50]) == {State.AWAY}
    assert set(said[-30:]) == {State.FOCUSED}


def test_camera_far_aside_is_learned() -> None:
    """A camera that stands 36 degrees beside the screen is understood within a minute."""
    memory, sitter, chance, said = Memory.new(), Sitter(yaw_deg=-36), random.Random(4), []
    for frame in range(160):
        memory, judgement = judge(memory, sitter.observed(Act.WATCH, chance), now_s=frame / 2)
        said.append(judgement.state)
    assert set(said[-40:]) == {State.FOCUSED}


def test_notes_never_become_the_screen() -> None:
    """Two minutes over the desk are two minutes over the desk."""
    memory, now_s = watching()
    chance, sitter, said = random.Random(4), Sitter(), []
    for frame in range(240):
        observed = sitter.observed(Act.READ_NOTES, chance)
        memory, judgement = judge(memory, observed, now_s=now_s + frame / 2)
        said.append(judgement.state)
    assert set(said[4:]) == {State.DRIFTING}


def test_covered_lens_is_unknown_and_no_empty_chair() -> None:
    """A black picture says nothing, for as long as it lasts."""
    memory, now_s = watching()
    for frame in range(10):
        memory, judgement = judge(memory, nobody(brightness=0.01), now_s=now_s + frame / 2)
        assert judgement.state is State.UNKNOWN
        assert judgement.attention is None
        assert judgement.reasons[0].code is ReasonCode.UNREADABLE


def test_face_too_small_is_unknown_with_its_size() -> None:
    """A face in the last row is present and no more."""
    tiny = replace(
        face(),
        head_yaw_rad=None,
        head_pitch_rad=None,
        gaze_yaw_rad=None,
        gaze_pitch_rad=None,
        gaze_sigma_rad=None,
        eye_aspect_ratio=None,
        eye_distance_px=14.0,
    )
    memory, judgement = judge(Memory.new(), tiny, now_s=0)
    memory, judgement = judge(memory, tiny, now_s=0.5)
    assert judgement.state is State.UNKNOWN
    assert (judgement.attention, judgement.on_screen, judgement.openness) == (None, None, None)
    assert judgement.reasons[0].code is ReasonCode.FACE_SMALL
    assert judgement.reasons[0].value == 14


def test_second_face_and_missing_baseline_are_said() -> None:
    """Both are reasons beside the state's own."""
    _, judgement = judge(Memory.new(), face(faces=2), now_s=0)
    assert [reason.code for reason in judgement.reasons] == [
        ReasonCode.ON_SCREEN,
        ReasonCode.SEVERAL_FACES,
        ReasonCode.NO_BASELINE,
    ]


def test_away_says_which_way_and_for_how_long() -> None:
    """A head turned to the image left is turned to the person's right."""
    memory, now_s = watching()
    chance, sitter = random.Random(1), Sitter(noise_deg=0)
    for frame in range(9):
        observed = sitter.observed(Act.LOOK_ASIDE, chance)
        memory, judgement = judge(memory, observed, now_s=now_s + frame / 2)
    first = judgement.reasons[0]
    assert judgement.state is State.AWAY
    assert first.code is ReasonCode.HEAD_TURNED
    assert first.value == pytest.approx(-38, abs=3)
    assert first.text.startswith("head turned 3")
    assert first.text.endswith("° right for 4 s")


def test_nothing_is_learned_while_there_is_nothing_to_watch() -> None:
    """A paused film teaches neither pose nor opening; the judgement is as before."""
    memory, now_s = watching()
    chance, sitter = random.Random(4), Sitter(yaw_deg=14)
    for frame in range(60):
        observed = sitter.observed(Act.WATCH, chance)
        after, judgement = judge(memory, observed, now_s + frame / 2, is_watching=False)
        assert after.person is memory.person
        _, watched = judge(memory, observed, now_s + frame / 2)
        assert judgement == watched
        memory = after

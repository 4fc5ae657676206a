"""The cards: whole, and no better than what was recorded."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from inference.attention import expression
from inference.models.cost import cost
from inference.models.folder import GraphName, ModelFolder
from inference.models.manifest import MANIFEST_PATH, read_manifest
from inference.perception.quality import MIN_EYES_PX
from inference.policy import PACKS_WITH_EXPRESSIONS

CARDS = MANIFEST_PATH.parent / "cards"
RESULTS = Path(__file__).parents[3] / "benchmarks" / "results.jsonl"
ATTENTION, THROUGHPUT, ACCURACY_OF_ALL, ACCURACY, PARITY = 11, 27, 31, 32, 34
"""Lines that the cards quote."""
OURS = {"attention", "expression", "head_pose"}
"""What has a card without being a file that is built."""
DEFAULT = ("face_detector", "attention_mesh", "room_detector_full_range")
"""Built without any option."""

LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<target>[^)#\s]+)(?:#L(?P<line>\d+))?\)")
MACS = re.compile(r"([\d.]+) M\b")
WEIGHTS = re.compile(r"([\d.]+) (MB|kB) of weights")
SPEED = re.compile(r"\d (ms|µs)\b|[\d.]+ times (slower|faster|quicker)")
Figures = dict[str, Any]  # of one recorded line; each benchmark has its own


def names() -> list[str]:
    """Return what has a card."""
    return sorted(path.stem for path in CARDS.glob("*.md"))


def card(name: str) -> str:
    """Return its text."""
    return (CARDS / f"{name}.md").read_text("utf-8")


@cache
def figures(line: int) -> Figures:
    """Return what was recorded in a line, counted from one."""
    told: Figures = json.loads(RESULTS.read_text("utf-8").splitlines()[line - 1])["figures"]
    return told


def test_everything_that_measures_has_a_card() -> None:
    """And no card is left of what is gone."""
    models = {model.name.removesuffix(".gpu") for model in read_manifest().models}
    assert set(names()) == models | OURS


@pytest.mark.parametrize("name", names())
def test_a_card_is_whole(name: str) -> None:
    """Its name, its licence, where it fails and what it is not for."""
    text = card(name)
    assert text.startswith(f"# {name}: ")
    for needed in ("Apache-2.0", "\n## Known failures\n", "\n## Not for\n"):
        assert needed in text


@pytest.mark.parametrize("name", names())
def test_links_of_a_card_lead_somewhere(name: str) -> None:
    """To a file of the checkout, and to the line that the words say."""
    for link in LINK.finditer(card(name)):
        if link["target"].startswith("https://"):
            continue
        assert (CARDS / link["target"]).exists(), link[0]
        if link["line"] is not None:
            assert link["words"] == f"line {link['line']}"
            assert figures(int(link["line"]))


@pytest.mark.parametrize("name", names())
def test_a_speed_has_its_line(name: str) -> None:
    """Nobody can check one that was never recorded."""
    for text in card(name).splitlines():
        assert SPEED.search(text) is None or "results.jsonl#L" in text, text


def assert_work(name: GraphName, folder: ModelFolder) -> None:
    """Compare what a card says last, of the `cpu` graph, with what that graph counts."""
    counted = cost(folder.graph(name), size_px=320)
    said = next(text for text in card(name).splitlines() if text.startswith("Work"))
    macs = MACS.findall(said)[-1]
    assert rounded_as(macs, counted.macs / 1e6) == macs
    for weights, unit in WEIGHTS.findall(said):
        assert rounded_as(weights, counted.weight_bytes / {"MB": 1e6, "kB": 1e3}[unit]) == weights


def rounded_as(said: str, value: float) -> str:
    """Write a number with as many digits behind the point as another."""
    return f"{value:.{len(said.partition('.')[2])}f}"


@pytest.mark.parametrize("name", DEFAULT)
def test_the_work_is_that_of_the_built_graph(name: GraphName, models: ModelFolder) -> None:
    """Multiply-accumulates and weights of what is always built."""
    assert_work(name, models)


@pytest.mark.parametrize("name", sorted({*get_args(GraphName)} - {*DEFAULT}))
def test_the_work_is_that_of_the_option(name: GraphName, full_models: ModelFolder) -> None:
    """The same of what is built when it is asked for."""
    assert_work(name, full_models)


def angle(axis: Figures | None, figure: str) -> str:
    """Return one cell of a table of angles."""
    return "–" if axis is None else f"{axis[figure]:.2f}°"


def test_head_poses_are_those_of_the_line() -> None:
    """Every bin of angle and condition, and the whole."""
    stills, text = figures(ACCURACY)["stills"], card("head_pose")
    for each in (*stills["by_angle"], *stills["by_condition"]):
        cells = [
            f"{each['kind']} {each['value'].replace('+0°', '0°')}",
            str(round(each["found"] * each["n"])),
            angle(each["yaw"], "residual_deg"),
            *(angle(each[axis], "mae_deg") for axis in ("yaw", "pitch", "roll")),
        ]
        assert f"| {' | '.join(cells)} |" in text
    heads = [figures(line)["stills"]["head"] for line in (ACCURACY, ACCURACY_OF_ALL)]
    for words, axis, figure in (
        ("best line", "yaw", "residual_deg"),
        ("slope of yaw", "yaw", "slope"),
        ("yaw, mean absolute error", "yaw", "mae_deg"),
        ("pitch, mean absolute error", "pitch", "mae_deg"),
        ("slope of pitch", "pitch", "slope"),
        ("roll, mean absolute error", "roll", "mae_deg"),
    ):
        of = [head[axis] for head in heads]
        told = [f"{a[figure]:.3f}" if figure == "slope" else angle(a, figure) for a in of]
        assert f"{words} | {of[0]['n']} | {' | '.join(told)} |" in text


def test_gains_are_those_of_the_line() -> None:
    """As far as the default reference face asks for them."""
    one, several = figures(ACCURACY)["stills"]["turned"]
    places = f"{one['gain_of_places']}, {several['gain_of_places']} ({several['n']} faces)"
    assert f"{places} and {one['gain_of_motion']}" in card("head_pose")
    depths = f"{one['depth_of_mesh']} and {several['depth_of_mesh']} of the reference face"
    assert depths in card("head_pose")


@pytest.mark.parametrize("line", [ACCURACY, ACCURACY_OF_ALL])
def test_gaze_is_that_of_the_line(line: int) -> None:
    """By the irises alone, and with the network: against heads whose eyes are fixed in them."""
    yaw, pitch = (figures(line)["stills"]["gaze"][axis] for axis in ("yaw", "pitch"))
    assert (
        f"| {yaw['n']} pictures with a gaze | yaw slope {yaw['slope']}, "
        f"{angle(yaw, 'residual_deg')} around its line; "
        f"pitch slope {pitch['slope']}, {angle(pitch, 'residual_deg')} |"
    ) in card("gaze")


def test_faces_found_are_those_of_the_line() -> None:
    """By size, before a webcam and in a room, and none where none is."""
    stills = figures(ACCURACY)["stills"]
    found = {size["face_px"]: (size["n"], size["found"]) for size in stills["by_size"]}
    small = [each for px, each in found.items() if px <= 32]
    large = [each for px, each in found.items() if px >= 64]
    text = card("face_detector")
    for wanted in (
        f"64, 96, 140 px wide | {sum(n for n, _ in large)} | {sum(f for _, f in large)} |",
        f"48 px (31 between the eyes) | {found[48][0]} | {found[48][1]} |",
        f"40 px (26 between the eyes) | {found[40][0]} | {found[40][1]} |",
        f"32 px and less | {sum(n for n, _ in small)} | {sum(f for _, f in small)} |",
        f"all {stills['clip']['measured']} frames of that clip",
    ):
        assert wanted in text
    assert f"| {stills['empty']['n']} | none claimed |" in text
    assert stills["empty"]["found"] == 0
    sizes = ", ".join(f"{s['face_px']} px {s['found']}" for s in stills["by_size_in_room"])
    assert sizes in card("room_detector_full_range")
    room = stills["room"]
    through = f"{room['faces']} faces in the {room['frames']} frames"
    assert through in card("room_detector_full_range")


def test_faces_in_a_room_are_those_of_the_line() -> None:
    """By the optional detector."""
    stills, text = figures(ACCURACY_OF_ALL)["stills"], card("room_detector")
    assert f"{stills['room']['faces']} faces, at most seven in one" in text
    assert stills["room"]["most"] == 7
    sizes = [(size["face_px"], size["found"]) for size in stills["by_size_in_room"]]
    small = ", ".join(f"{px} px {found or 'none'}" for px, found in sizes if px < 64)
    large = sum(found for px, found in sizes if px >= 64)
    assert f"{small}, 64 px and more all {large}" in text


def test_states_are_those_of_the_line() -> None:
    """Macro-F1, recall of each, lag, blinks and closures; cut off where they are shortened."""
    told, text = figures(ACCURACY), card("attention")
    lag, stills = told["lag"], told["stills"]
    right = round(stills["clip"]["agree"] * stills["clip"]["scored"])
    blinks = stills["blinks"]
    for figure in (
        f"irises alone | {states(told)}. Of",
        f"the same class, {lag['changes']} changes | {lateness(told)} (",
        f"{blinks['true']} blinks, turning and nodding heads | {blinks['right']} found, none false",
        f"{stills['clip']['scored']} frames that are beyond doubt | {right} right",
        f"{stills['clip']['closures_found']} of {stills['clip']['closures']} closures, none false",
    ):
        assert figure in text
    assert blinks["found"] == blinks["right"]
    assert stills["clip"]["false_closures"] == 0


def test_states_with_every_network_are_those_of_the_line() -> None:
    """The same class, and blinks and closures that no network changes."""
    told = figures(ACCURACY_OF_ALL)
    row = f"every optional network | the same | {states(told)}. A change: {lateness(told)} ("
    assert row in card("attention")
    alone = figures(ACCURACY)["stills"]
    assert (told["stills"]["blinks"], told["stills"]["clip"]) == (alone["blinks"], alone["clip"])


def states(told: Figures) -> str:
    """Return the cell of a class: what was right, and how much of each state."""
    of = told["states"]
    seconds = sum(state["seconds"] for state in of["by_state"])
    recalls = ", ".join(f"{s['state']} {cut(s['recall'])}" for s in of["by_state"])
    right = f"macro-F1 {cut(of['macro_f1'])}, accuracy {cut(of['accuracy'])} of {seconds:,} seconds"
    return f"{right}, {100 * of['unknown']:.1f} % unknown; recall of {recalls}"


def lateness(told: Figures) -> str:
    """Return the cell of its changes: how late they were said."""
    lag = told["lag"]
    late = f"median {lag['p50_ms'] / 1000} s, 95 in 100 within {lag['p95_ms'] / 1000:.2f} s"
    return f"{late}, {100 * lag['on_time']:.1f} % within 1.5 s"


def cut(share: float) -> float:
    """Shorten to three digits, never upwards."""
    return int(share * 1000) / 1000


def test_the_cost_of_judging_is_that_of_the_line() -> None:
    """In a batch, one by one, and alone."""
    told = figures(ATTENTION)
    costs = f"{told['step_us_32']} µs a frame judged in batches of 32, {told['gain_32']} times"
    assert costs in card("attention")
    assert f"{told['step_us_1']} µs alone" in card("attention")


def test_throughput_is_that_of_the_line() -> None:
    """Against MediaPipe's, the middle and the least of the sittings."""
    told, text = figures(THROUGHPUT), card("attention_mesh")
    sittings = [ratio for scene in told["scenes"] for ratio in scene["ratios"]]
    assert f"come {told['cpu_ratio_to_mediapipe']} times as often as MediaPipe's" in text
    assert len(sittings) == 10
    assert f"{min(sittings)} in the least of ten sittings ([line {THROUGHPUT}]" in text


def test_parity_is_that_of_the_line() -> None:
    """Landmarks against MediaPipe's, in step, running free, and decoded smaller."""
    told, text = figures(PARITY), card("attention_mesh")
    assert told["faces_missed"] == 0
    assert f"| {told['faces']:,}, none missed by either |" in text
    for kind in ("landmark", "free_running", "mediapipe_itself", "scaled_decode"):
        median, p99, most = (told[f"{kind}_{rank}_pct"] for rank in ("median", "p99", "max"))
        assert f"| {median} % | {p99} % | {most} % |" in text


def test_the_rules_of_expressions_are_those_of_the_code() -> None:
    """Thresholds, times, and who may."""
    text = card("expression")
    for rule in (
        f"smile more than {expression.SMILE_ABOVE} above",
        f"brows lowered by more than {expression.FROWN_ABOVE}, eyes",
        f"eyes narrowed by more than {expression.SQUINT_ABOVE} above",
        f"after {expression.USABLE_FRAMES} readings",
        f"at least {MIN_EYES_PX:.0f} decoded pixels",
        " and ".join(f"`{pack}`" for pack in sorted(PACKS_WITH_EXPRESSIONS)) + " allow it",
    ):
        assert rule in text
    held = {"SMILE": expression.SMILE_S, "FROWN": expression.FROWN_S}
    for kind, seconds in held.items():
        row = next(t for t in text.splitlines() if f"| `EXPRESSION_KIND_{kind}`" in t)
        assert row.endswith(f"| {seconds:.0f} s |")

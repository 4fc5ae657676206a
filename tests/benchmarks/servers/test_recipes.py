"""How rivals are started, without starting them."""

from dataclasses import replace
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from benchmarks import contest, peers
from benchmarks.load.job import Speech
from benchmarks.load.schedule import Scenario
from benchmarks.rivals import CONTESTANTS, VERSIONS
from benchmarks.servers import litserve, mediapipe, mlserver, rapt, rayserve, triton
from benchmarks.servers.pictures import FRAME_BYTES, any_picture
from benchmarks.servers.server import Setting

PACKAGES = {
    "mlserver": "mlserver",
    "rayserve": "ray",
    "litserve": "litserve",
    "mediapipe": "mediapipe",
}


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_the_versions_that_are_reported_are_pinned(name: str) -> None:
    """A line of results says what it was measured against."""
    pins = (peers.PINS / f"{name}.txt").read_text()
    assert f"\n{PACKAGES[name]}=={VERSIONS[name]} " in f"\n{pins}"
    assert peers.pinned(name, PACKAGES[name]) == VERSIONS[name]


def test_every_pin_of_a_rival_has_hashes() -> None:
    """What is installed is what was pinned."""
    for name in VERSIONS:
        lines = (peers.PINS / f"{name}.txt").read_text().splitlines()
        pinned = [line for line in lines if "==" in line and not line.startswith((" ", "#"))]
        assert pinned
        assert all(line.endswith("\\") for line in pinned)


@pytest.mark.parametrize("is_tuned", [True, False])
@pytest.mark.parametrize("module", [mlserver, rayserve, litserve, mediapipe])
def test_rivals_listen_on_this_machine_alone(
    module: object,
    is_tuned: bool,  # noqa: FBT001  # a parameter
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And have a name that says whether they were tuned."""
    monkeypatch.setattr(module, "peer", lambda name: peers.Peer(name, tmp_path))
    recipe = module.recipe(tmp_path, Setting(scale=1.0, picture=b"x", is_tuned=is_tuned))  # type: ignore[attr-defined]  # a module
    assert recipe.name.endswith("_tuned") is is_tuned
    assert recipe.target.address.startswith("127.0.0.1:")
    written = "".join(path.read_text() for path in tmp_path.rglob("settings.json"))
    assert "0.0.0.0" not in written + " ".join(recipe.command)


async def test_a_rival_that_cannot_be_had_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others go on; that Rapt is missing would be an error."""

    def missing(name: str) -> peers.Peer:
        raise Misconfigured(f"no network, so no {name}")

    for module in (triton, mlserver, rayserve, litserve):
        monkeypatch.setattr(module, "peer", missing)
    monkeypatch.setattr(contest, "analyzer", lambda: missing("perf_analyzer"))
    said: list[str] = []
    asked = contest.Contest(
        contestants=[one for one in CONTESTANTS if not one.name.startswith("rapt")],
        scenario=Scenario(seconds=1, warm_up_s=0, seed=1),
        runs=1,
        capacity_per_s=100.0,
        setting=Setting(scale=1.0, picture=b"x"),
        analyzed=("triton",),
        loads=(40,),
    )
    outcome = await contest.race(asked, said.append)
    assert set(outcome.missing) > {"triton", "triton_tuned", "litserve", "perf_analyzer"}
    assert outcome.trials == {}
    assert "triton is left out: no network, so no triton" in said
    assert "left out: perf_analyzer: no network, so no perf_analyzer" in outcome.sentences()


def test_the_picture_has_the_size_that_triton_is_told() -> None:
    """Its model has a fixed shape."""
    assert len(any_picture()) == FRAME_BYTES


def test_the_same_limit_is_set_by_hand_for_triton_and_for_us(tmp_path: Path) -> None:
    """Spoken to as Triton is, our requests carry it; by our own call there is nothing to set."""
    tuned = Setting(scale=1.0, picture=b"x", is_tuned=True)
    oip = rapt.recipe(tmp_path, tuned, speech=Speech.OIP_UNARY)
    assert oip.name == "rapt_oip_tuned"
    assert oip.target.timeout_us == 1e6 * triton.QUEUE_TIMEOUT_S == 110_000
    plain = replace(tuned, is_tuned=False)
    assert rapt.recipe(tmp_path, plain, speech=Speech.OIP_UNARY).target.timeout_us == 0
    assert rapt.recipe(tmp_path, tuned).target.timeout_us == 0


def test_our_worker_finds_what_we_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that were put aside for one run are its own, too, behind the checkout."""
    monkeypatch.setenv("PYTHONPATH", "/put/aside")
    recipe = rapt.recipe(tmp_path, Setting(scale=1.0, picture=any_picture()))
    ours = f"{rapt.REPOSITORY}:{rapt.REPOSITORY / 'proto'}"
    assert recipe.environ["PYTHONPATH"] == f"{ours}:/put/aside"
    monkeypatch.delenv("PYTHONPATH")
    alone = rapt.recipe(tmp_path, Setting(scale=1.0, picture=any_picture()))
    assert alone.environ["PYTHONPATH"] == ours

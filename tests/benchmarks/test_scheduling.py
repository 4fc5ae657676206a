"""The simulated comparison, end to end."""

from pathlib import Path

import msgspec
from typer.testing import CliRunner

from benchmarks.record import Run
from benchmarks.scheduling import SCENARIOS, app
from benchmarks.simulated.loads import Load
from benchmarks.simulated.policies import QUEUES, race


def test_a_run_prints_its_tables_and_appends_a_line(tmp_path: Path) -> None:
    """The figures of the line are those of every table, ours by name above them."""
    result = CliRunner().invoke(
        app,
        [
            *("--seconds", "2", "--pictures", str(tmp_path)),
            *("--results", str(tmp_path / "r"), "--json", str(tmp_path / "j")),
        ],
    )
    assert result.exit_code == 0, result.output
    run = msgspec.json.decode((tmp_path / "r").read_bytes(), type=Run)
    assert run.figures["starved_40"] == 0
    tables = run.figures["tables"]
    assert isinstance(tables, dict)
    assert set(tables) == {scenario.name for scenario in SCENARIOS}
    assert msgspec.json.decode((tmp_path / "j").read_bytes(), type=Run) == run
    assert {path.name for path in tmp_path.glob("scheduling.*")} == {
        "scheduling.png",
        "scheduling.svg",
    }


def test_the_same_seed_gives_the_same_figures() -> None:
    """No clock is involved."""
    load = Load.of(1.5, noise=0.1)
    rows = [race(QUEUES[-1], load, seconds=2, seed=7, is_padded=True) for _ in range(2)]
    assert rows[0] == rows[1]

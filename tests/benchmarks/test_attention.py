"""The cost of judging, end to end."""

from pathlib import Path

import msgspec
from typer.testing import CliRunner

from benchmarks.attention import BATCHES, app, measure
from benchmarks.record import Run


def test_a_run_prints_its_table_and_appends_a_line(tmp_path: Path) -> None:
    """One figure and one ratio for each size of batch."""
    short = ["--frames", "2", "--rounds", "1"]
    files = ["--results", str(tmp_path / "r"), "--json", str(tmp_path / "j")]
    files += ["--pictures", str(tmp_path)]
    result = CliRunner().invoke(app, short + files)
    assert result.exit_code == 0, result.output
    run = msgspec.json.decode((tmp_path / "r").read_bytes(), type=Run)
    names = {f"{name}_{batch}" for name in ("step_us", "gain") for batch in BATCHES}
    assert set(run.figures) == names
    assert msgspec.json.decode((tmp_path / "j").read_bytes(), type=Run) == run
    assert (tmp_path / "attention.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "attention.svg").read_text()


def test_both_ways_are_measured() -> None:
    """Nothing is free."""
    row = measure(2, frames=2, rounds=1, seed=1)
    assert row.together_us > 0 < row.alone_us

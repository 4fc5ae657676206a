"""Lines of results."""

import json
from pathlib import Path

from benchmarks.record import record


def test_each_run_appends_one_line(tmp_path: Path) -> None:
    """Earlier lines stay as they are."""
    path = tmp_path / "results.jsonl"
    record("one", parameters={"n": 1}, figures={"ms": 2.5}, path=path)
    first = path.read_text()
    record("two", parameters={}, figures={}, path=path)
    assert path.read_text().startswith(first)
    assert len(path.read_text().splitlines()) == 2


def test_a_line_says_where_it_was_measured(tmp_path: Path) -> None:
    """Commit, machine and versions stand beside the figures."""
    path = tmp_path / "results.jsonl"
    record("one", parameters={"n": 1}, figures={"ms": 2.5}, path=path)
    line = json.loads(path.read_text())
    assert line["bench"] == "one"
    assert line["figures"] == {"ms": 2.5}
    assert line["machine"]["cores"] >= 1
    assert "numpy" in line["versions"]
    assert line["commit"]

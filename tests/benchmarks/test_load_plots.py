"""Pictures and tables of runs."""

from pathlib import Path

from rich.console import Console

from benchmarks.latency import figures_of
from benchmarks.latency import table_of as latency_table_of
from benchmarks.load_plots import draw_latency, draw_load
from benchmarks.load_table import sentences_of, table_of
from benchmarks.plots import OURS, colours, draw_lines, picture
from tests.benchmarks.runs import a_trial

SERVERS = {
    "Rapt": {load: [a_trial()] for load in (40, 95, 150)},
    "Triton": {load: [a_trial(age_p95_ms=None, outcomes={})] for load in (40, 95, 150)},
    "Triton, tuned": {load: [a_trial(age_p95_ms=4000.0)] for load in (40, 95, 150)},
}


def test_the_same_runs_make_the_same_pictures(tmp_path: Path) -> None:
    """A change in the repository is a change in the figures."""
    for folder in (tmp_path / "one", tmp_path / "other"):
        draw_load("rivals", SERVERS, folder=folder)
        draw_latency(SERVERS["Rapt"], folder=folder)
    names = {"rivals.png", "rivals.svg", "latency.png", "latency.svg"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_one_family_has_one_colour_and_ours_is_ours() -> None:
    """Default and tuned differ in their dashes."""
    tints = colours(["Triton", "Rapt", "Triton, tuned", "MLServer"])
    assert tints["Rapt"] == OURS
    assert tints["Triton"] == tints["Triton, tuned"]
    assert len(set(tints.values())) == 3


def test_lines_of_one_family_can_be_told_apart(tmp_path: Path) -> None:
    """By their strokes; there may be three of ours."""
    names = ["Rapt", "Rapt, spoken to as Triton is", "Rapt, spoken to as Triton is, tuned"]
    with picture("strokes", folder=tmp_path) as (axes,):
        draw_lines(axes, {name: {40.0: 1.0, 150.0: 2.0} for name in names}, title="", x="")
        assert len({line.get_linestyle() for line in axes.get_lines()}) == 3


def test_a_table_has_a_row_for_each_server_and_load() -> None:
    """Without a figure there is a dash."""
    rows = [(name, load, runs) for name, loads in SERVERS.items() for load, runs in loads.items()]
    console = Console(width=140)
    with console.capture() as printed:
        console.print(table_of("title", rows))
    text = printed.get()
    assert text.count("40 %") == 3
    assert "90.0% (90%–90%)" in text
    assert "–" in text
    assert sentences_of(rows)[0] == "Rapt at 40 %: 90 answered, 10 expired"
    assert len(sentences_of(rows)) == 6


def test_latencies_have_names_by_load() -> None:
    """Age and the server's own time, each with three percentiles."""
    figures = figures_of(SERVERS["Rapt"])
    assert figures["age_p99_ms_150"] == 120.0
    assert figures["server_p50_ms_40"] == 10.0
    assert len(figures) == 18
    assert len(latency_table_of(figures).rows) == 9

"""What stands on the terminal at the end."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rapt.running import Running
from rich.console import Console

from demo.report import agreement_of, make_report
from demo.summary import (
    CURVE_ROWS,
    LANE_COLUMNS,
    axis_of,
    curve_of,
    lane_of,
    pages_of,
    print_summary,
    resampled,
)
from tests.demo.classes import perfect_class

shares = st.lists(st.none() | st.floats(0, 1), max_size=500)


@given(shares)
def test_a_lane_never_outgrows_the_terminal(values: list[float | None]) -> None:
    """Long lessons are averaged into as many columns as fit."""
    columns = resampled(values)
    assert len(columns) == min(len(values), LANE_COLUMNS)
    assert len(lane_of(columns)) == len(columns)
    assert all(len(line) == 6 + len(columns) for line in curve_of(columns))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=LANE_COLUMNS))
def test_a_curve_is_filled_up_to_its_value(values: list[float]) -> None:
    """Each column has as many eighths as its share says."""
    lines = curve_of(values)
    assert len(lines) == CURVE_ROWS
    for column, value in enumerate(values):
        filled = sum(" ▁▂▃▄▅▆▇█".index(line[6 + column]) for line in lines)
        assert abs(filled - 8 * CURVE_ROWS * value) <= 1


def test_what_nobody_measured_looks_different_from_zero() -> None:
    """No value is not a low value."""
    assert lane_of([None, 0.0, 1.0]) == "░▁█"


def test_the_axis_ends_under_the_last_column() -> None:
    """Times stand where the lane begins and ends."""
    assert axis_of(60).endswith("1:00")
    assert len(axis_of(60)) == 60
    assert len(axis_of(600)) == LANE_COLUMNS


def test_the_summary_tells_figures_and_faults() -> None:
    """A person sees what is off without reading JSON."""
    lesson = perfect_class()
    page = io.StringIO()
    console = Console(file=page, width=120)
    print_summary(console, make_report(lesson), agreement_of(lesson), ["3 facts are stored twice"])
    text = page.getvalue()
    assert "3 facts are stored twice" in text
    assert "100.0%" in text
    assert "p95 20 ms" in text


def test_pages_open_with_the_token_in_the_fragment() -> None:
    """The token never reaches a server's log."""
    running = Running(
        pid=1,
        gateway_url="http://127.0.0.1:8000",
        inference_address="",
        store_url="",
        redis_url="",
        local_token="abc",  # noqa: S106 - opens nothing
        pids={},
    )
    pages = pages_of(running, "5")
    assert pages["wall"] == "http://127.0.0.1:8000/wall/5#token=abc"
    assert pages["video"] == "http://127.0.0.1:8000/videos/5#token=abc"

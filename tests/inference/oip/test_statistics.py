"""What a model has served, counted as benchmarks read it."""

from hypothesis import given
from hypothesis import strategies as st

from inference.oip.statistics import Statistics


@given(runs=st.lists(st.integers(1, 5), max_size=20))
def test_rows_of_one_start_are_one_run(runs: list[int]) -> None:
    """Looking at the counts in between changes none of them."""
    counted = Statistics()
    for number, rows in enumerate(runs):
        for _ in range(rows):
            counted.ran(started_s=float(number), ended_s=number + 0.5)
        assert counted.runs == number + 1
        if number % 3 == 0:
            counted.by_rows()
    assert (counted.rows, counted.runs) == (sum(runs), len(runs))
    by_rows = counted.by_rows()
    assert {rows: times.run.count for rows, times in by_rows.items()} == {
        rows: runs.count(rows) for rows in sorted(set(runs))
    }
    assert all(times.run.ns == times.run.count * 500_000_000 for times in by_rows.values())


@given(requests=st.integers(0, 20))
def test_the_parts_of_a_request_are_counted_equally(requests: int) -> None:
    """A benchmark gives up where they differ."""
    counted = Statistics()
    for number in range(requests):
        counted.succeeded(arrived_s=number, started_s=number + 0.25, ended_s=number + 1.0)
    times = counted.times
    counts = {d.count for d in (counted.success, counted.queue, times.prepare, times.run)}
    assert counts == {times.reply.count} == {requests}
    assert counted.queue.ns == requests * 250_000_000
    assert times.run.ns == requests * 750_000_000
    assert counted.fail.count == 0
    counted.failed(arrived_s=0.0)
    assert (counted.fail.count, counted.success.count) == (1, requests)

"""What came out of one contest."""

from benchmarks.contest import Outcome
from benchmarks.saturating import Saturated


def test_runs_of_perf_analyzer_are_told_by_the_middle_one_and_their_spread() -> None:
    """One unlucky run in three shows in the spread alone."""
    runs = [Saturated(780.0 + p99_ms, 80.0, p99_ms) for p99_ms in (90.0, 182.0, 95.5)]
    outcome = Outcome((40,), saturated={"rapt": runs})
    figures = outcome.figures()
    assert figures["rapt_p99_ms_at_64"] == 95.5
    assert (figures["rapt_p99_ms_at_64_least"], figures["rapt_p99_ms_at_64_most"]) == (90.0, 182.0)
    (said,) = outcome.sentences()
    assert said.endswith("rapt 876/s, p99 95.5 ms (90.0 to 182.0 in 3 runs)")

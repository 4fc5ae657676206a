"""What perf_analyzer writes."""

import pytest
from rapt.errors import Unavailable

from benchmarks.saturating import read_report

REPORT = """\
Concurrency,Inferences/Second,Client Send,Server Queue,p50 latency,p99 latency
64,1375.33,12,6,45012,62990
"""


def test_a_report_is_read_by_its_headings() -> None:
    """Latencies are microseconds there."""
    run = read_report(REPORT)
    assert (run.infer_per_s, run.p50_ms, run.p99_ms) == (1375.3, 45.01, 62.99)


def test_a_report_without_a_row_is_said() -> None:
    """It ends early when a server fails."""
    with pytest.raises(Unavailable, match="measured nothing"):
        read_report(REPORT.splitlines()[0])

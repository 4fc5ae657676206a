"""Runs that somebody might have measured."""

from benchmarks.load.figures import Figures
from benchmarks.trial import Trial

FIGURES = Figures(
    offered_per_s=100.0,
    good_per_s=90.0,
    good_share=0.9,
    age_p50_ms=50.0,
    age_p95_ms=90.0,
    age_p99_ms=120.0,
    server_p50_ms=10.0,
    server_p95_ms=20.0,
    server_p99_ms=30.0,
    jain=0.99,
    starved=0,
    outcomes={"answered": 90, "expired": 10},
    send_lag_p99_ms=1.0,
)


def a_trial(**changes: object) -> Trial:
    """Return a run; figures are changed by name."""
    figures = Figures(**{name: getattr(FIGURES, name) for name in FIELDS} | changes)
    return Trial(
        figures=figures,
        mean_batch=8.0,
        busy_share=0.9,
        cpu_s_per_1000_frames=0.5,
        cpu_cores=0.4,
        peak_mb=100.0,
        sending_cores=0.2,
        problems=[],
    )


FIELDS = Figures.__struct_fields__

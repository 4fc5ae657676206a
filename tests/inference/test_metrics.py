"""What an operator sees of one worker."""

import re
from pathlib import Path

import pytest

from inference.messages import Shed, ShedReason
from inference.metrics import Metrics


@pytest.mark.parametrize("reason", list(ShedReason))
def test_every_reason_is_counted_once_under_its_outcome(reason: ShedReason) -> None:
    """The first word of a reason names its counter."""
    metrics = Metrics()
    metrics.count_shed(Shed(reason, "", frame_sequence=1))
    outcome, _, rest = reason.name.lower().partition("_")
    labels = {"reason": rest} if outcome in {"refused", "rejected"} else {}
    value = metrics.registry.get_sample_value(f"rapt_frames_{outcome}_total", labels)
    assert value == 1


def test_events_and_bare_messages_have_their_own_counters() -> None:
    """They never look like lost frames."""
    metrics = Metrics()
    metrics.count_shed(Shed(ShedReason.REFUSED_RATE, "", event_seq=1))
    metrics.count_shed(Shed(ShedReason.REJECTED_MESSAGE, ""))
    value = metrics.registry.get_sample_value
    assert value("rapt_events_shed_total", {"reason": "refused_rate"}) == 1
    assert value("rapt_messages_rejected_total") == 1
    assert value("rapt_frames_refused_total", {"reason": "rate"}) is None


def test_every_series_is_documented(repository: Path) -> None:
    """And nothing is documented that is not there."""
    page = (repository / "docs/inference.md").read_text()
    documented = set(re.findall(r"^\| (`rapt_.*?) \|", page, re.MULTILINE))
    names = {name for cell in documented for name in re.findall(r"`(\w+)`", cell)}
    assert names == {family.name for family in Metrics().registry.collect()}

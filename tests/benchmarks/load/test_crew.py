"""Sending processes against a real worker."""

from functools import partial

import pytest

from benchmarks.load.job import Speech
from benchmarks.load.schedule import Scenario
from benchmarks.servers import rapt
from benchmarks.servers.inside.sleep_model import capacity_per_s
from benchmarks.servers.pictures import any_picture
from benchmarks.servers.server import Setting
from benchmarks.trial import try_out

SCENARIO = Scenario(seconds=1, warm_up_s=0.5, seed=1, streams=6, limit_s=2.0)
"""An answer may take so long that some come in time beside other tests, too."""
SETTING = Setting(scale=1.0, picture=any_picture())


@pytest.mark.parametrize("speech", [Speech.OBSERVE, Speech.OIP_STREAM, Speech.OIP_UNARY])
async def test_every_frame_of_a_small_load_has_an_outcome(speech: Speech) -> None:
    """Most are answered, none is lost on the way, and the model counted batches."""
    make = partial(rapt.recipe, speech=speech)
    trial = await try_out(make, SETTING, SCENARIO, capacity_per_s=capacity_per_s(1.0))
    assert trial.problems == []
    assert {"unsent", "unanswered", "failed"}.isdisjoint(trial.figures.outcomes)
    assert trial.figures.outcomes["answered"] > 0
    assert sum(trial.figures.outcomes.values()) == trial.figures.offered_per_s
    assert trial.mean_batch is not None
    assert trial.mean_batch >= 1
    assert trial.peak_mb > 10

"""Are the lids closed, by the network?"""

import numpy as np
import pytest

from inference.perception.look import Look, Seen
from inference.perception.pipeline import Pipeline
from tests.inference.perception.puppet import Puppet, to_jpeg

YAWS = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)


def closed(pipeline: Pipeline, *, puppet: Puppet, shut: bool, yaw_deg: float = 0.0) -> float:
    """What the network says about one view."""
    [seen] = pipeline.observe([Look(to_jpeg(puppet.view(yaw_deg=yaw_deg, shut=shut)))])
    assert isinstance(seen, Seen)
    assert seen.observation.eyes_closed_probability is not None
    return seen.observation.eyes_closed_probability


@pytest.mark.parametrize("yaw_deg", [-30.0, 0.0, 30.0])
def test_closed_lids_read_as_closed(
    yaw_deg: float, full_pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """Open and shut are told apart, by the near eye of a turned head."""
    puppet = puppets["astronaut"]
    assert closed(full_pipeline, puppet=puppet, shut=True, yaw_deg=yaw_deg) > 0.5
    assert closed(full_pipeline, puppet=puppet, shut=False, yaw_deg=yaw_deg) < 0.1


def test_glasses_leave_the_direction(full_pipeline: Pipeline, puppets: dict[str, Puppet]) -> None:
    """Painted lids behind glasses are found at some turns; open ones are taken for shut at none."""
    shut, opened = (
        [closed(full_pipeline, puppet=puppets["grace_hopper"], shut=s, yaw_deg=yaw) for yaw in YAWS]
        for s in (True, False)
    )
    assert np.mean(shut) > 0.2
    assert max(opened) < 0.1


def test_a_batch_is_as_good_as_one(full_pipeline: Pipeline, puppets: dict[str, Puppet]) -> None:
    """Neighbours change nothing, whichever of their eyes are looked at."""
    views = [
        puppet.view(yaw_deg=yaw, shut=shut)
        for puppet in puppets.values()
        for yaw in (-38, 0, 38)
        for shut in (False, True)
    ]
    looks = [Look(to_jpeg(view)) for view in views]
    ran = full_pipeline.run(full_pipeline.prepare(looks))
    assert sum(run.items for run in ran.stages if run.stage == "open_eyes") == 2 * 2 * (1 + 2 + 1)
    for look, seen in zip(looks, ran.results, strict=True):
        [alone] = full_pipeline.observe([look])
        assert isinstance(seen, Seen)
        assert isinstance(alone, Seen)
        together = seen.observation.eyes_closed_probability
        assert together == pytest.approx(alone.observation.eyes_closed_probability, abs=1e-4)


def test_without_it_nothing_is_said(pipeline: Pipeline, puppets: dict[str, Puppet]) -> None:
    """A network that is not there gives no value, and the landmarks still give theirs."""
    if pipeline._measurer._eyes is not None:
        pytest.skip("this checkout has the optional networks built")
    [seen] = pipeline.observe([Look(to_jpeg(puppets["astronaut"].view(shut=True)))])
    assert isinstance(seen, Seen)
    assert seen.observation.eyes_closed_probability is None
    assert seen.observation.eye_aspect_ratio is not None
    assert np.isfinite(seen.observation.eye_aspect_ratio)

"""Which ways of waiting are compared?"""

import pytest

from benchmarks.simulated.loads import Load, capacity
from benchmarks.simulated.policies import QUEUES, RULES, Contender, race

SECONDS, SEED = 6.0, 1
BY_NAME = {contender.name: contender for contender in (*QUEUES, *RULES)}


def of(name: str) -> Contender:
    """Return the contender whose name begins so."""
    return next(contender for known, contender in BY_NAME.items() if known.startswith(name))


@pytest.mark.parametrize("contender", QUEUES, ids=lambda contender: contender.name)
def test_a_device_with_time_to_spare_serves_everyone_however_they_wait(
    contender: Contender,
) -> None:
    """At 40 % of capacity nothing is late, and nobody is left out."""
    row = race(contender, Load.of(0.4), seconds=SECONDS, seed=SEED, is_padded=False)
    assert row.in_time_per_s == row.offered_per_s
    assert (row.jain, row.starved) == (1.0, 0)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        pytest.param("FIFO + 10", 0.0, 0.1, id="a queue fills with stale frames"),
        pytest.param("FIFO, timeout 200", 0.0, 0.1, id="a timeout at the limit is too late"),
        pytest.param("early", 0.0, 0.1, id="batches formed early grow old"),
        pytest.param("cancel head", 0.0, 0.15, id="one head at a time is not enough"),
        pytest.param("Rapt", 0.97, 1.05, id="ours"),
    ],
)
def test_who_answers_in_time_at_one_and_a_half_times_the_capacity(
    name: str, least: float, most: float
) -> None:
    """As a share of what the device carries at best."""
    row = race(of(name), Load.of(1.5), seconds=SECONDS, seed=SEED, is_padded=False)
    assert least <= row.in_time_per_s / capacity() <= most


@pytest.mark.parametrize("share", [0.95, 1.5, 3.0])
def test_equal_streams_share_a_full_device_equally(share: float) -> None:
    """Jain's index stays at 0.99 or above, and nobody starves."""
    row = race(of("Rapt"), Load.of(share), seconds=SECONDS, seed=SEED, is_padded=False)
    assert row.jain >= 0.99
    assert row.starved == 0


def test_streams_that_send_six_times_as_often_take_nothing_from_the_others() -> None:
    """A mailbox holds one frame, whoever fills it."""
    row = race(of("Rapt"), Load(433, hogs=20), seconds=SECONDS, seed=SEED, is_padded=False)
    assert row.jain >= 0.99
    assert row.starved == 0


def test_the_bucket_with_most_frames_a_second_beats_padding_up() -> None:
    """By at least a tenth at one and a half times the capacity."""
    load = Load.of(1.5)
    rows = [race(c, load, seconds=SECONDS, seed=SEED, is_padded=True) for c in RULES]
    assert rows[1].in_time_per_s > 1.1 * rows[0].in_time_per_s


def test_rescue_keeps_badly_connected_streams_fresh() -> None:
    """With 150 ms more delay than the others they starve without it."""
    load = Load.of(1.5, slow_share=0.1)
    shrink, rate, rescue = (
        race(c, load, seconds=SECONDS, seed=SEED, is_padded=True) for c in RULES
    )
    assert shrink.starved > 0
    assert rate.starved > 0
    assert 10 * rescue.starved < rate.starved
    assert rescue.fresh_share > rate.fresh_share


def test_waiting_for_company_saves_the_device_and_stops_when_it_is_needed() -> None:
    """Fuller batches at 40 %; at 150 % nothing is lost."""
    eager, patient = of("Rapt"), of("Rapt + deferral 40")
    calm, full = (
        [race(c, load, seconds=SECONDS, seed=SEED, is_padded=False) for c in (eager, patient)]
        for load in (Load.of(0.4), Load.of(1.5))
    )
    assert calm[1].mean_batch > 2 * calm[0].mean_batch
    assert calm[1].busy < 0.7 * calm[0].busy
    assert full[1].in_time_per_s > 0.97 * full[0].in_time_per_s

"""May another stream be opened, and how often may everyone send?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.admission import MAX_BUSY, Claim, left_out, share
from inference.scheduling.ladder import LOWEST_FPS_MILLI, Levels, levels_of

LADDERS = st.integers(LOWEST_FPS_MILLI, 10_000).map(levels_of)


@given(st.integers(0, 100_000), st.floats(0, 1), LADDERS)
def test_everyone_gets_the_highest_rate_at_which_all_fit(
    streams: int, frame_s: float, levels: Levels
) -> None:
    """And when none fits, the lowest, which says so."""
    found = share(streams, frame_s=frame_s, levels=levels)
    rates = [terms.fps_milli for terms in levels]
    fitting = [fps for fps in rates if streams * fps / 1000 * frame_s <= MAX_BUSY]
    assert found.fps_milli == max(fitting, default=min(rates))
    assert found.fits == bool(fitting)


@given(st.integers(1, 10_000), st.floats(1e-6, 1), LADDERS)
def test_more_streams_never_get_more_each(streams: int, frame_s: float, levels: Levels) -> None:
    """Who comes late lowers everyone's rate or leaves it."""
    now = share(streams, frame_s=frame_s, levels=levels)
    later = share(streams + 1, frame_s=frame_s, levels=levels)
    assert later.fps_milli <= now.fps_milli


@given(st.integers(1, 10_000), st.floats(1e-6, 1), LADDERS)
def test_a_higher_rate_at_the_top_refuses_nobody(
    streams: int, frame_s: float, levels: Levels
) -> None:
    """As many are let in under every ladder."""
    assert (
        share(streams, frame_s=frame_s, levels=levels).fits == share(streams, frame_s=frame_s).fits
    )


def test_the_rate_falls_before_anyone_is_refused() -> None:
    """At ten milliseconds a frame."""
    rates = [share(streams, frame_s=0.01) for streams in (42, 43, 85, 86, 170, 171)]
    assert [rate.fps_milli for rate in rates] == [2000, 1000, 1000, 500, 500, 500]
    assert [rate.fits for rate in rates] == [True] * 5 + [False]


CLAIMS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1, 1, 8])), max_size=40).map(
    lambda rows: [Claim(stream, tenant, faces) for stream, (tenant, faces) in enumerate(rows)]
)


@given(CLAIMS, st.floats(0.001, 1))
def test_nobody_is_left_out_while_all_fit_and_then_no_more_than_must_be(
    claims: list[Claim], frame_s: float
) -> None:
    """What stays fits; with any one of those left out it would not, unless that one is small."""
    out = left_out(claims, frame_s=frame_s, weights={})
    stay = sum(claim.faces for claim in claims if claim.stream not in out)
    assert share(stay, frame_s=frame_s).fits
    if share(sum(claim.faces for claim in claims), frame_s=frame_s).fits:
        assert not out
    elif out:
        assert not share(stay + 8, frame_s=frame_s).fits


def test_the_newest_of_whoever_has_most_for_its_weight_are_left_out() -> None:
    """A small tenant loses nobody to a large one, and a large one that pays for it keeps more."""
    claims = [Claim(stream, 1 if stream < 20 else 2) for stream in range(24)]
    room_for_14 = 0.85 / 0.5 / 14.5
    assert left_out(claims, frame_s=room_for_14, weights={}) == frozenset(range(10, 20))
    heavy = left_out(claims, frame_s=room_for_14, weights={1: 10.0})
    assert heavy == frozenset({*range(13, 20), 21, 22, 23})

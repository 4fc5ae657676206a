"""Which media was played when?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.attention.played import NOTHING, Played

US = 1_000_000

# Segments in order of playing: (pause before it ms of wall, from_ms, length_ms, rate_pct, visible).
RUNS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.integers(0, 60_000),
        st.integers(0, 9000),
        st.sampled_from([50, 100, 150, 200, 400]),
        st.booleans(),
    ),
    max_size=12,
)


def laid_out(runs: list[tuple[int, int, int, int, bool]]) -> Played:
    """Put the runs one after the other on the wall clock."""
    at_us, rows = 0, []
    for pause_ms, from_ms, length_ms, rate_pct, visible in runs:
        at_us += pause_ms * 1000
        rows.append((from_ms, from_ms + length_ms, rate_pct, int(visible), at_us))
        at_us += length_ms * 100_000 // rate_pct
    return Played.of(rows)


@given(RUNS)
def test_the_seconds_add_up_to_what_was_played(
    runs: list[tuple[int, int, int, int, bool]],
) -> None:
    """Cutting the wall clock into seconds loses nothing and doubles nothing."""
    played = laid_out(runs)
    seconds = range(sum(run[0] + run[2] * 100 // run[3] for run in runs) // 1000 + 2)
    total_ms = sum(played.advance_ms(t * US, (t + 1) * US) for t in seconds)
    assert abs(total_ms - int(played.lengths_ms().sum())) <= 0.01 * len(runs)


@given(RUNS)
def test_rows_come_back_as_they_went_in(runs: list[tuple[int, int, int, int, bool]]) -> None:
    """Columns are only another shape."""
    played = laid_out(runs)
    assert Played.of(played.rows()) == played
    assert (played == NOTHING) == (not runs)


@given(RUNS)
def test_visible_play_is_part_of_all_play(runs: list[tuple[int, int, int, int, bool]]) -> None:
    """Visible and hidden add up."""
    played = laid_out(runs)
    whole = played.advance_ms(0, 10**12)
    visibly = played.advance_ms(0, 10**12, visibly=True)
    shown = sum(length for _, _, length, _, visible in runs if visible)
    assert visibly <= whole + 1e-6
    assert abs(visibly - shown) <= 0.01 * max(len(runs), 1)


def test_a_rewind_makes_a_second_pass_and_the_pass_under_way_is_not_counted() -> None:
    """0..5 s played, back to 2 s: media second 3 is in its second pass."""
    played = Played.of([(0, 5000, 100, 1, 0), (2000, 5000, 100, 1, 6 * US)])
    assert played.passes(3000, before_us=3 * US) == 0
    assert played.passes(3000, before_us=5 * US) == 1
    assert played.passes(3000, before_us=7 * US) == 1
    assert played.passes(3000, before_us=9 * US) == 2
    assert played.passes(5000, before_us=9 * US) == 0

"""Parts put together, and what a watcher is shown of them."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.live.pulse import pulse
from gateway.live.seat import LEFT, SeatNow, unpack
from gateway.live.wall import (
    FULL_S,
    PART_S,
    Name,
    Part,
    Picture,
    Show,
    initials,
    pack_part,
    picture,
    read_part,
)

NOW_S = 1_000.0
NO_PULSE = pulse((), present=0, at_s=0, k=5)


def _part(*seats: int, at_s: float = NOW_S, mean: float | None = 0.5) -> Part:
    return read_part(pack_part([SeatNow(s) for s in seats], [mean for _ in seats], at_s=at_s))


def test_parts_of_all_processes_make_one_wall() -> None:
    """Who is in none of them has left."""
    now = picture([_part(0, 2), _part(1, mean=None)], [0, 1, 2, 3], now_s=NOW_S)
    assert sorted(now.seats) == [0, 1, 2, 3]
    assert [seat for seat, at in now.seats.items() if at.flags & LEFT] == [3]
    assert now.present == 3
    assert now.attention == (0.5, 0.5)


def test_the_part_of_a_dead_process_is_forgotten() -> None:
    """Its students count as gone after a while."""
    now = picture([_part(0, at_s=NOW_S - PART_S - 1)], [0], now_s=NOW_S)
    assert now.present == 0
    assert now.seats[0].flags & LEFT


@given(st.lists(st.dictionaries(st.integers(0, 20), st.integers(0, 6)), min_size=1, max_size=20))
def test_changes_add_up_to_the_whole(history: list[dict[int, int]]) -> None:
    """A page that folds every picture knows what the gateway knows."""
    show = Show()
    known: dict[int, SeatNow] = {}
    seats: dict[int, SeatNow] = {}
    for step, states in enumerate(history):
        seats = seats | {seat: SeatNow(seat, state) for seat, state in states.items()}
        now = Picture(dict(seats), (), 0)
        wall = show.next(now, {}, NO_PULSE, [], now_s=NOW_S + step)
        assert wall.full == (step % int(FULL_S) == 0)
        known = {} if wall.full else known
        known |= {seat.seat: seat for seat in unpack(wall.telemetry)}
        assert known == seats


def test_names_and_history_are_sent_once_and_with_each_full_picture() -> None:
    """Changes carry only new names."""
    show, names = Show(), {0: Name("Ada Lovelace", "AL")}
    now = Picture({0: SeatNow(0), 1: SeatNow(1)}, (), 2)
    first = show.next(now, names, NO_PULSE, [NO_PULSE], now_s=NOW_S)
    assert [seat.name for seat in first.seats] == ["Ada Lovelace"]
    assert len(first.history) == 1
    names[1] = Name("Ben", "B")
    second = show.next(now, names, NO_PULSE, [NO_PULSE], now_s=NOW_S + 1)
    assert [seat.name for seat in second.seats] == ["Ben"]
    assert not second.history
    third = show.next(now, names, NO_PULSE, [NO_PULSE], now_s=NOW_S + FULL_S)
    assert len(third.seats) == 2


@given(st.text(max_size=80))
def test_initials_are_short(name: str) -> None:
    """For any name that a person may have."""
    assert len(initials(name)) <= 6  # a letter may become three in upper case


def test_initials_are_those_of_first_and_last_name() -> None:
    """As people write them."""
    assert [initials(n) for n in ("Ada King Lovelace", "ben", "")] == ["AL", "B", ""]

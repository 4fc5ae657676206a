"""Which frames wait?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.mailbox import Mailboxes

STEPS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60)


@given(STEPS)
def test_every_item_comes_out_once_and_the_newest_wins(steps: list[tuple[int, bool]]) -> None:
    """Taken, superseded or still held: each item is exactly one of them."""
    boxes: Mailboxes[int] = Mailboxes()
    out: list[int] = []
    newest: dict[int, int] = {}
    for number, (stream, is_put) in enumerate(steps):
        if is_put:
            superseded = boxes.put(stream, number)
            out += [superseded] if superseded is not None else []
            newest[stream] = number
        else:
            taken = boxes.take([stream])
            assert taken == [newest.pop(number) for number in [stream] if number in newest]
            out += taken
        assert len(boxes) == len(newest)
    held = [item for _, item in boxes]
    put = [number for number, (_, is_put) in enumerate(steps) if is_put]
    assert sorted(out + held) == put


def test_an_item_taken_in_vain_goes_back_unless_a_newer_one_is_there() -> None:
    """Newest wins, both ways."""
    boxes: Mailboxes[int] = Mailboxes()
    boxes.put(1, 10)
    assert boxes.take([1, 2]) == [10]
    assert boxes.put_back(1, 10) is None
    assert boxes.take([1, 2]) == [10]
    boxes.put(1, 11)
    assert boxes.put_back(1, 10) == 10
    assert boxes.take([1]) == [11]

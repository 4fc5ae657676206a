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
            taken = boxes.take(stream)
            assert taken == newest.pop(stream, None)
            out += [taken] if taken is not None else []
        assert len(boxes) == len(newest)
    held = [item for _, item in boxes]
    put = [number for number, (_, is_put) in enumerate(steps) if is_put]
    assert sorted(out + held) == put

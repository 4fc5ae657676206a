"""What a stream still has to tell its gateway."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from inference.messages import Opened, Pace, Response, Shed, ShedReason, Verdict
from inference.streams.outbox import MAX_WAITING, Outbox
from tests.inference.fakes import OBSERVATION, a_judgement

PACE = Pace(0, 0, 2000)


def a_verdict(sequence: int) -> Verdict:
    """Return a verdict."""
    return Verdict(sequence, 0, a_judgement(), OBSERVATION, 0, 0)


def a_shed(sequence: int, reason: ShedReason = ShedReason.SUPERSEDED) -> Shed:
    """Return a shed frame."""
    return Shed(reason, "", frame_sequence=sequence)


def drained(box: Outbox) -> list[Response]:
    """Take everything out."""

    async def drain() -> list[Response]:
        box.end()
        out = []
        while (response := await box.take(lambda: PACE)) is not None:
            out.append(response)
        return out

    return asyncio.run(drain())


def test_answers_leave_in_order_and_the_pace_only_when_nothing_else_carries_it() -> None:
    """A verdict carries the pace, so no control follows it."""
    box = Outbox()
    box.tell_pace()
    box.put(a_shed(1))
    box.put(a_verdict(2))
    assert drained(box) == [a_shed(1), a_verdict(2)]
    box.tell_pace()
    assert drained(box) == [PACE]


@given(st.lists(st.booleans(), max_size=3 * MAX_WAITING))
def test_a_box_that_nobody_empties_stays_bounded_and_keeps_the_newest(kinds: list[bool]) -> None:
    """Beyond the limit answers merge or replace each other; the opening is never lost."""
    box = Outbox()
    opened = Opened("m", "p", 1, 1)
    box.put(opened)
    for sequence, is_verdict in enumerate(kinds):
        box.put(a_verdict(sequence) if is_verdict else a_shed(sequence))
        assert len(box) <= MAX_WAITING
    out = drained(box)
    assert out[0] == opened
    if kinds:
        last = out[-1]
        assert isinstance(last, Verdict | Shed)
        number = last.sequence if isinstance(last, Verdict) else last.frame_sequence
        assert number == len(kinds) - 1
    assert len(out) + box.replaced == 1 + len(kinds)


def test_merged_sheds_keep_the_highest_number_and_never_mix_reasons() -> None:
    """One shed stands for several of its kind."""
    box = Outbox()
    for sequence in range(MAX_WAITING):
        box.put(a_shed(sequence))
    box.put(a_shed(1000))
    box.put(a_shed(5, ShedReason.EXPIRED))
    out = [shed for shed in drained(box) if isinstance(shed, Shed)]
    assert max(s.frame_sequence or 0 for s in out) == 1000
    assert sum(s.reason is ShedReason.EXPIRED for s in out) == 1


async def test_a_reader_sleeps_until_there_is_news() -> None:
    """Nothing is polled."""
    box = Outbox()
    async with asyncio.TaskGroup() as tasks:
        taken = tasks.create_task(box.take(lambda: PACE))
        await asyncio.sleep(0)
        assert not taken.done()
        box.put(a_shed(1))
    assert taken.result() == a_shed(1)

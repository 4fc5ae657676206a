"""For how long does Python stop a process that has answers to give?"""

import gc
import sys

from rapt.pauses import OLDER, OLDEST, SWITCH_S, YOUNG, short_pauses


def test_what_was_there_before_is_not_walked_again() -> None:
    """And the lock changes hands soon; afterwards everything is as it was."""
    before = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()
    kept: list[object] = [[]]
    with short_pauses():
        assert gc.get_freeze_count() > before[2]
        assert not any(one is kept for one in gc.get_objects())
        assert gc.get_threshold() == (YOUNG, OLDER, OLDEST)
        assert abs(sys.getswitchinterval() - SWITCH_S) < SWITCH_S / 10
    assert (gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()) == (*before[:2], 0)
    assert any(one is kept for one in gc.get_objects())

"""The search for the largest class."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.end_to_end import NARROW_TO, Step, carried, next_students, step_of
from benchmarks.usage import Usage
from tests.demo.classes import perfect_class


def step(students: int, *, is_carried: bool) -> Step:
    """One class of this size."""
    return Step(
        students=students,
        is_carried=is_carried,
        frames_due=1,
        verdicts=1,
        p50_ms=1,
        p95_ms=1,
        p99_ms=1,
        agreement=None,
        facts_per_s=1,
        cpu_s_per_1000_frames={},
        memory_mb={},
        other_faults=[],
    )


@given(st.integers(0, 1000), st.integers(1, 64), st.integers(1, 1000))
def test_the_search_ends_near_the_truth(limit: int, first: int, most: int) -> None:
    """A machine that carries so many is found to carry nearly so many, in few classes."""
    steps: list[Step] = []
    students: int | None = min(first, most)
    while students is not None:
        assert 1 <= students <= most
        steps.append(step(students, is_carried=students <= limit))
        assert len(steps) < 25
        students = next_students(steps, most=most)
    found = carried(steps)
    assert found <= limit
    true = min(limit, most)
    assert true - found <= max(1, NARROW_TO * (true + 1) / (1 - NARROW_TO) + 1)


def test_a_lucky_class_above_a_failed_one_does_not_count() -> None:
    """What is said to be carried has nothing uncarried below it."""
    steps = [step(10, is_carried=True), step(20, is_carried=False), step(40, is_carried=True)]
    assert carried(steps) == 10


def test_frames_that_could_not_be_sent_are_due() -> None:
    """Holding frames back does not hide overload."""
    lesson = perfect_class()
    usage = {"gateway": Usage(1.0, 50.0)}
    assert step_of(lesson, usage, {"gateway": Usage(3.0, 60.0)}).is_carried
    lesson.sheets[0].frames_unsent = 20
    lesson.sheets[0].frames_unwanted = 10
    after = step_of(lesson, usage, {"gateway": Usage(3.0, 60.0)})
    assert not after.is_carried
    assert after.frames_due == after.verdicts + 30
    assert after.cpu_s_per_1000_frames == {"gateway": 4.0}

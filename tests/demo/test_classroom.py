"""Everyone at once, until the last has left."""

from rapt.client import Rest

from demo.classroom import class_length_s, hold_class
from demo.findings import read_back, written
from demo.script import make_script
from demo.sheet import Sheet
from demo.student import Stage
from tests.demo.fakes import TOKEN, FakeGateway, serving
from tests.demo.test_student import PART, StillCamera


async def test_one_refused_student_does_not_end_the_class() -> None:
    """The first is refused, the others attend to the end."""
    gateway = FakeGateway(refuse_tickets=2)
    sheets = [Sheet(PART.name) for _ in range(3)]
    async with serving(gateway), Rest(gateway.url, TOKEN) as rest:
        cameras = [StillCamera() for _ in sheets]
        await hold_class(Stage(rest, "5", 60_000), [PART] * 3, cameras, sheets)
        findings = await read_back(rest, "5", sheets[:1])
    assert [sheet.doing for sheet in sheets] == ["gone"] * 3
    assert sum(sheet.closed is not None for sheet in sheets) >= 1
    assert findings.totals.facts == 3
    assert list(findings.facts) == [sheets[0].session_id]


def test_what_was_written_is_summed_over_goodbyes() -> None:
    """Students without a goodbye add nothing."""
    assert written([Sheet("One"), Sheet("Two")]) == (0, 0, 0)


def test_a_class_lasts_until_the_last_one_leaves() -> None:
    """Coming late makes it longer."""
    script = make_script(students=5, seconds=30)
    assert class_length_s(script) == max((p.comes_ms + p.ends_ms) / 1000 for p in script)

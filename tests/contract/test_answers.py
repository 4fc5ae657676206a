"""The store's answers and those that stand for them in the gateway's tests have one shape."""

from collections.abc import AsyncIterator

import pytest

from analytics.store import open_store
from gateway.creators.answers import Answers, StoredAnswers
from tests.gateway.fakes import FakeAnswers
from tests.services import Services

TENANT, CONTENT, LENGTH_MS = 1, 2, 3_000


@pytest.fixture(params=["fake", "real"])
async def answers(request: pytest.FixtureRequest, running: Services) -> AsyncIterator[Answers]:
    """Return something that answers."""
    found: Answers = (
        StoredAnswers(open_store(running.running.store_url), pulse_k=5)
        if request.param == "real"
        else FakeAnswers()
    )
    yield found
    await found.close()


async def test_a_heatmap_has_a_value_for_each_second(answers: Answers) -> None:
    """Also of a content that nobody has watched."""
    heatmap = await answers.heatmap(TENANT, CONTENT, LENGTH_MS)
    lanes = (heatmap.absolute, heatmap.unique, heatmap.attention, heatmap.n)
    assert list(heatmap.seconds) == [0, 1, 2]
    assert {len(lane) for lane in lanes} == {3}


async def test_counts_are_whole_numbers(answers: Answers) -> None:
    """And nothing is there twice."""
    totals = await answers.totals(TENANT, CONTENT)
    assert min(totals.facts, totals.interactions, totals.sessions) >= 0
    assert totals.duplicate_facts == 0


async def test_lists_can_be_asked_for(answers: Answers) -> None:
    """Sessions, seconds and pulse; the store says that it is well."""
    assert list(await answers.sessions(TENANT, CONTENT)) is not None
    assert list(await answers.facts(TENANT, CONTENT, 3)) is not None
    assert all(point.n >= 0 for point in await answers.pulse(TENANT, CONTENT))
    assert await answers.is_healthy()

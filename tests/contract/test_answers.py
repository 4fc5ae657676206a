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


async def test_counts_of_an_unwatched_content_are_zero(answers: Answers) -> None:
    """Nothing is there, and nothing twice."""
    totals = await answers.totals(TENANT, CONTENT)
    assert (totals.facts, totals.interactions, totals.sessions) == (0, 0, 0)
    assert totals.duplicate_facts == 0


async def test_what_nobody_has_watched_has_no_rows(answers: Answers) -> None:
    """No sessions, no seconds, no pulse; the store says that it is well."""
    assert list(await answers.sessions(TENANT, CONTENT)) == []
    assert list(await answers.facts(TENANT, CONTENT, 3)) == []
    assert list(await answers.pulse(TENANT, CONTENT)) == []
    assert await answers.is_healthy()

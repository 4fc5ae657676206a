"""Tasks that live as long as the process."""

import asyncio

from structlog.testing import capture_logs

from gateway.tasks import Tasks


async def _fail() -> None:
    raise ValueError("broken")


async def test_a_task_that_fails_is_logged_and_ends_nothing_else() -> None:
    """The others go on until they are stopped."""
    tasks = Tasks()
    goes_on = tasks.start(_forever(), name="goes on")
    with capture_logs() as logs:
        await tasks.start(_fail(), name="fails")
    assert [(entry["event"], entry["task"]) for entry in logs] == [("task_failed", "fails")]
    assert not goes_on.done()
    await tasks.stop()
    assert goes_on.cancelled()
    assert len(tasks) == 0


async def _forever() -> None:
    await asyncio.Event().wait()

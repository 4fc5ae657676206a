"""How a call keeps its session able to move to another worker.

Once a minute the gateway gets the newest state, so that a worker that dies takes little with it.
When the worker drains, the gateway is told to leave: it sends nothing more, gets what is left, and
opens the session elsewhere.
"""

import asyncio
import random
from contextlib import suppress

from inference.messages import Drain
from inference.sessions.sessions import Carried
from inference.streams.outbox import Outbox

CHECKPOINT_S = 60.0


async def keep_able_to_leave(carried: Carried, outbox: Outbox) -> None:
    """Send checkpoints until the worker drains, then the last one and the request to leave."""
    wait_s = random.uniform(0.5, 1) * CHECKPOINT_S  # noqa: S311  spreads those that open together
    while not carried.draining.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await carried.draining.wait()
        outbox.put(carried.session.checkpoint())
        wait_s = CHECKPOINT_S
    outbox.put(Drain(carried.grace_ms))

"""A model that is a bare device: rows of tensors in, rows of tensors out, each on its own.

The device decides what a row is worth: a network, or the sleep of a benchmark. It has an engine of
its own, so its rows share runs by the same plan as everything else.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from inference.engine.engine import Device, Engine
from inference.metrics import Metrics
from inference.oip.asking import Gathering
from inference.oip.models import MAX_REQUEST_BYTES, Asked, ModelCard, Reply
from inference.oip.replies import Replies
from inference.oip.rows import offer_rows
from inference.oip.statistics import Statistics
from inference.oip.tensors import Row, TensorSpec, rows_of
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import Policy

Rows = tuple[Row, ...]
"""One row of each input, or of each output."""
RowDevice = Device[Rows, Any, Any]
"""A device for bare models; a result is one row of each output, what it prepares its own affair."""

AT_ONCE = Policy(max_wait_s=0.0)
"""Never wait for company: a client that waits for its reply sends nothing meanwhile."""


class BareModel:
    """Serves one device under one name."""

    def __init__(
        self,
        name: str,
        device: RowDevice,
        *,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        policy: Policy = AT_ONCE,
    ) -> None:
        """Make the model.

        Args:
            name: what clients call it.
            device: what runs batches of rows.
            inputs: tensors of a request; the device gets one row of each, in this order.
            outputs: tensors of a reply; the device gives one row of each, in this order.
            policy: how its rows share runs.
        """
        self.card = ModelCard(
            name=name,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            max_rows=_most_rows(inputs, device.buckets[-1]),
            buckets=device.buckets,
            platform=device.provider,
        )
        self.statistics = Statistics()
        self._replies = Replies(self.card)
        table = LatencyTable(device.buckets)
        metrics = Metrics()  # its own: the worker's series are of the pipeline
        self._engine = Engine(device, table, metrics, policy=policy)

    def ask(self, asked: Asked, reply: Reply) -> Gathering:
        """Begin to answer.

        Raises:
            InvalidMessage: the tensors are not those of the model.
        """
        rows = rows_of(asked.request, self.card.inputs, most=self.card.max_rows)
        gathering = Gathering(
            asked, len(rows), replies=self._replies, statistics=self.statistics, reply=reply
        )
        offer_rows(self._engine, gathering, rows, _as_is)
        return gathering

    def load(self, now_s: float) -> float:
        """Return the device-seconds that a second of its requests needs, beside the streams."""
        return self._engine.load(now_s)

    async def warm_up(self) -> None:
        """Learn how long each size of a run takes, with rows of zeros; before the first request."""
        await self._engine.warm_up(tuple(bytes(spec.row_bytes) for spec in self.card.inputs))

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            await self._engine.run()
        finally:
            await asyncio.to_thread(self._engine.close)


def _most_rows(inputs: Sequence[TensorSpec], bucket: int) -> int:
    """Return how many rows fit into the largest run, and into half of the largest message."""
    row_bytes = sum(spec.row_bytes for spec in inputs) or 1
    return max(1, min(bucket, MAX_REQUEST_BYTES // 2 // row_bytes))


def _as_is(outputs: Sequence[Row]) -> Sequence[Row]:
    return outputs

"""Serves the model `face` on the engine that serves the streams, too."""

import asyncio
import time
from collections import Counter
from typing import Protocol

from rapt.errors import InvalidMessage, PoolFull, QuotaSpent

from inference.engine.engine import Engine
from inference.oip.asking import Gathering
from inference.oip.face import FRAME, OUTPUTS, row_alone
from inference.oip.models import Asked, ModelCard, Reply
from inference.oip.replies import Replies
from inference.oip.rows import offer_rows
from inference.oip.sequences import Sequence
from inference.oip.statistics import Statistics
from inference.oip.tensors import rows_of
from inference.perception.pipeline import Look

NAME = "face"
MAX_SEQUENCES = 4096
"""At the same time; each keeps about a kilobyte."""
MAX_IDLE_S = 60.0
"""Without a request; then a sequence is forgotten."""
TIDY_S = 10.0

Key = tuple[int, int | str]


class Placed(Protocol):
    """A device that says where it runs, and in which sizes."""

    @property
    def provider(self) -> str:
        """Name of what it runs on."""

    @property
    def buckets(self) -> tuple[int, ...]:
        """Sizes of a batch, ascending."""


class FaceModel:
    """Judges pictures, alone or in sequences."""

    def __init__(self, engine: Engine, device: Placed) -> None:
        self.card = ModelCard(
            name=NAME,
            inputs=(FRAME,),
            outputs=OUTPUTS,
            max_rows=device.buckets[-1],
            buckets=device.buckets,
            platform=device.provider,
            max_sequences=MAX_SEQUENCES,
            max_idle_s=MAX_IDLE_S,
        )
        self.statistics = Statistics()
        self._engine = engine
        self._replies = Replies(self.card)
        self._sequences: dict[Key, Sequence] = {}  # the longest idle first

    def ask(self, asked: Asked, reply: Reply) -> Gathering:
        """Begin to answer.

        Raises:
            InvalidMessage: the tensors are not those of the model, or the sequence is not known.
            QuotaSpent: the tenant has all the sequences that it may have.
            PoolFull: there are too many sequences.
        """
        rows = rows_of(asked.request, self.card.inputs, most=self.card.max_rows)
        images = [bytes(row[0]) for row in rows]
        gathering = Gathering(
            asked, len(images), replies=self._replies, statistics=self.statistics, reply=reply
        )
        if not asked.parameters.sequence_id:
            offer_rows(self._engine, gathering, [Look(image) for image in images], row_alone)
            return gathering
        if len(images) != 1:
            raise InvalidMessage("a request of a sequence holds one row")
        self._sequence(asked).ask(gathering, images[0])
        return gathering

    def load(self, now_s: float) -> float:  # noqa: ARG002  every model is asked like this
        """Return nothing: its rows arrive at the streams' engine, and are counted there."""
        return 0.0

    async def run(self) -> None:
        """Forget idle sequences until cancelled; the worker runs the engine."""
        while True:
            await asyncio.sleep(TIDY_S)
            self._tidy(time.monotonic())

    def _sequence(self, asked: Asked) -> Sequence:
        """Return the sequence of a request, begun or gone on with; forget one that ends."""
        said = asked.parameters
        key = (asked.tenant_id, said.sequence_id)
        if said.sequence_start:
            self._sequences.pop(key, None)
            self._check_room(asked)
            sequence = Sequence(self._engine, tenant=asked.tenant_id, now_s=asked.arrived_s)
        else:
            known = self._sequences.pop(key, None)
            if known is None:
                raise InvalidMessage(
                    "the sequence is not known, or was idle for too long: set sequence_start on"
                    " its first request"
                )
            sequence = known
        if not said.sequence_end:
            self._sequences[key] = sequence
        return sequence

    def _check_room(self, asked: Asked) -> None:
        most = asked.grant.max_streams
        if most is not None:
            own = sum(tenant == asked.tenant_id for tenant, _ in self._sequences)
            if own >= most:
                raise QuotaSpent(f"the tenant has {own} of {most} sequences open")
        if len(self._sequences) >= MAX_SEQUENCES:
            self._tidy(asked.arrived_s)
        if len(self._sequences) >= MAX_SEQUENCES and not self._make_room(asked.tenant_id):
            raise PoolFull(f"{MAX_SEQUENCES} sequences are open; end one, or try another worker")

    def _make_room(self, tenant_id: int) -> bool:
        """Forget the longest idle one of the tenant that has most, for one that has fewer."""
        counts = Counter(tenant for tenant, _ in self._sequences)
        ((largest, count),) = counts.most_common(1)
        if counts[tenant_id] + 1 >= count:
            return False
        keys = (key for key, one in self._sequences.items() if key[0] == largest and one.is_idle)
        longest_idle = next(keys, None)
        if longest_idle is not None:
            del self._sequences[longest_idle]
        return longest_idle is not None

    def _tidy(self, now_s: float) -> None:
        """Forget sequences that nobody goes on with."""
        for key, sequence in list(self._sequences.items()):
            if now_s - sequence.asked_at_s < MAX_IDLE_S:
                return
            if sequence.is_idle:
                del self._sequences[key]

"""Any bytes into any call: a typed answer each time, nothing under way afterwards.

The bytes are noise, or a real message that was damaged. A real process gets many more of them, and
its memory is looked at, in `tests/faults/test_fuzzed.py`.
"""

import random
from collections.abc import Sequence
from typing import Any

import pytest
import structlog
from rapt.oip import inference_pb2 as pb

from benchmarks.breaking.bombarding import COUNTED, PER_ROUND, SERVICE, TYPED, bombard
from tests.inference.calling import Call
from tests.inference.fakes import House, running_house
from tests.inference.oip.serving import a_request, summing, sums_of, until

INPUTS = 3 * PER_ROUND


async def is_well(house: House) -> None:
    """See that nothing is left and that everything still works."""
    await until(lambda: house.worker._server._inference._room.requests == 0)
    await until(lambda: len(house.worker.load) == 0)
    infer: Any = house.channel.unary_unary(
        SERVICE + "ModelInfer",
        request_serializer=pb.ModelInferRequest.SerializeToString,
        response_deserializer=pb.ModelInferResponse.FromString,
    )
    assert sums_of(await infer(a_request())) == [6]
    call = Call(house.channel)
    await call.opened(session_id=99)
    await call.closed()


def bad_logs(logs: Sequence[Any]) -> list[Any]:
    """Return what was logged as an error."""
    return [entry for entry in logs if entry["log_level"] in {"error", "critical"}]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_bytes_have_a_typed_answer(seed: int) -> None:
    """In both services, and each message is received; afterwards the worker is as it was."""
    with structlog.testing.capture_logs() as logs:
        async with running_house(networks={"sum": summing()}) as house:
            bombed = await bombard(house.channel, random.Random(seed), INPUTS)
            received = {
                kind: house.metrics.registry.get_sample_value(series)
                for kind, series in COUNTED.items()
            }
            await is_well(house)
    assert bad_logs(logs) == []
    assert set(bombed.statuses) <= TYPED, bombed
    assert bombed.inputs >= INPUTS, bombed
    assert received == {kind: bombed.said[kind] for kind in COUNTED}

"""Why was a batch as it was? One row of a worker's page `/explain`, and how it is read out.

No tenant, room, stream or session is in it.
"""

from http.client import HTTPConnection, HTTPException

import msgspec

from rapt.errors import Unavailable

PATH = "/explain"
ANSWER_S = 2.0

_WHY = {
    "full": "the largest bucket was full",
    "idle": "that was everyone who waited",
    "due": "a smaller bucket carries more frames in time",
    "deferred": "company was worth waiting for",
    "probe": "everyone seemed too late; is that true?",
    "nothing": "nobody could be answered in time",
}


class ExplainedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan saw, what it decided, and what came of it."""

    ago_s: float
    """Seconds since it was decided."""
    cut: str
    """full, idle, due, deferred, probe or nothing."""
    waiting: int
    """Frames that waited."""
    batch: int
    """Frames that it took; 0 = it waited, or all expired."""
    bucket: int
    """Size of the run, in faces."""
    expired: int
    """Frames that no plan could have answered in time."""
    load: float
    """Device-seconds that a second of arriving frames needed."""
    oldest_s: float
    """How long the frame had waited that waited longest."""
    waits_s: float
    """For how long it would wait for company."""
    prepare_s: float = 0.0
    """Decoding and copying, beside the run before; 0 until the batch is done."""
    queue_s: float = 0.0
    """From the arrival of its first frame to its preparation; 0 until the batch is done."""
    run_s: float = 0.0
    """All networks; 0 until the batch is done."""


def sentence(row: ExplainedPlan) -> str:
    """Return a row as one line for a person."""
    why = _WHY.get(row.cut, row.cut)
    if row.batch:
        text = f"{row.batch} of {row.waiting} frames in bucket {row.bucket}: {why}"
    elif row.cut == "deferred":
        text = f"{row.waiting} frames waited up to {_ms(row.waits_s)} more: {why}"
    else:
        text = f"no batch of {row.waiting} frames: {why}"
    parts = [text, f"longest wait {_ms(row.oldest_s)}", f"load {row.load:.0%}"]
    if row.expired:
        parts.insert(1, f"{row.expired} expired")
    if row.run_s:
        parts.append(
            f"queue {_ms(row.queue_s)}, prepare {_ms(row.prepare_s)}, run {_ms(row.run_s)}"
        )
    return f"{row.ago_s:8.2f} s ago  {row.cut:<8}  " + "; ".join(parts)


def explanations_at(address: str) -> list[ExplainedPlan]:
    """Ask one worker.

    Args:
        address: host:port of its metrics.

    Raises:
        Unavailable: nobody there explains anything.
    """
    connection = HTTPConnection(address, timeout=ANSWER_S)
    try:
        connection.request("GET", PATH)
        return msgspec.json.decode(connection.getresponse().read(), type=list[ExplainedPlan])
    except (OSError, HTTPException, msgspec.DecodeError) as error:
        raise Unavailable(f"no worker explains itself at {address}: {error}") from error
    finally:
        connection.close()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"

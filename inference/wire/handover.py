"""What one worker hands to the next, in protobuf and out of it.

On its way it lies with the gateway, which reads none of it. What does not make sense is left out:
the session then goes on with less, never not at all.
"""

import math
import struct
from collections.abc import Callable
from typing import TypeGuard

from rapt.limits import MAX_GLANCES, MAX_KEPT_EVENTS
from rapt.v1 import perception_pb2 as pb

from inference.attention.dwell import PHASES, STATES
from inference.attention.filter import Trace
from inference.attention.judge import Judgement
from inference.attention.seconds import Glance
from inference.attention.state import State
from inference.messages import Inherited, PlayerEvent, Request, Verdict, Written

_TRACE = struct.Struct(f"<2f{PHASES + STATES}e")  # quality, since_s, belief, likelihood
_STATES = frozenset(int(state) for state in State)


def write_written(written: Written) -> pb.Written:
    """Turn what is on disk into a message."""
    return pb.Written(
        until_s=written.until_s,
        facts=written.facts,
        interactions=written.interactions,
        attention_n=written.attention_n,
        attention_sum=written.attention_sum,
        attention_sumsq=written.attention_sumsq,
    )


def write_glance(verdict: Verdict) -> pb.Glance:
    """Turn what the fact of its second is made of into a message."""
    judgement = verdict.judgement
    return pb.Glance(
        at_ms=verdict.at_ms,
        state=pb.State.ValueType(judgement.state),
        probability=judgement.probability,
        attention=judgement.attention,
        on_screen=judgement.on_screen,
        eyes_closed=judgement.eyes_closed,
        trace=_packed(judgement),
    )


def read_inherited(
    opened: pb.Open, read: Callable[[pb.ObserveRequest], Request]
) -> Inherited | None:
    """Return what earlier workers have written, and the verdicts and events since.

    Args:
        opened: what the gateway says.
        read: reads a message with an event in it.
    """
    if not opened.HasField("written"):
        return None
    kept = opened.events[-MAX_KEPT_EVENTS:]
    events = (read(pb.ObserveRequest(player_event=event)) for event in kept)
    return Inherited(
        written=_written(opened.written),
        glances=tuple(_glance(g) for g in opened.glances[-MAX_GLANCES:] if g.state in _STATES),
        events=tuple(event for event in events if _makes_sense(event)),
    )


def _makes_sense(event: Request) -> TypeGuard[PlayerEvent]:
    """Return whether it is an event that somebody can have checked before."""
    if not isinstance(event, PlayerEvent):
        return False
    return math.isfinite(event.position_ms) and math.isfinite(event.to_ms)


def _written(written: pb.Written) -> Written:
    return Written(
        until_s=written.until_s,
        facts=written.facts,
        interactions=written.interactions,
        attention_n=written.attention_n,
        attention_sum=written.attention_sum,
        attention_sumsq=written.attention_sumsq,
    )


def _glance(glance: pb.Glance) -> Glance:
    traced = _unpacked(glance.trace)
    return Glance(
        at_s=glance.at_ms / 1000,
        state=State(glance.state),
        probability=_share(glance.probability),
        attention=_share(glance.attention) if glance.HasField("attention") else None,
        on_screen=_share(glance.on_screen) if glance.HasField("on_screen") else None,
        eyes_closed=_share(glance.eyes_closed) if glance.HasField("eyes_closed") else None,
        quality=traced[0] if traced is not None else 1.0,
        trace=traced[1] if traced is not None else None,
    )


def _packed(judgement: Judgement) -> bytes:
    """Return the step of the filter in bytes; nothing when there was none."""
    if judgement.trace is None:
        return b""
    since_s = math.nan if judgement.trace.since_s is None else judgement.trace.since_s
    numbers = *judgement.trace.belief, *judgement.trace.likelihood
    return _TRACE.pack(judgement.quality, since_s, *numbers)


def _unpacked(data: bytes) -> tuple[float, Trace] | None:
    """Return quality and step; None when there are none, or of another version of the filter."""
    if len(data) != _TRACE.size:
        return None
    quality, since_s, *numbers = _TRACE.unpack(data)
    if not all(map(math.isfinite, numbers)) or sum(numbers[:PHASES]) <= 0:
        return None
    belief, likelihood = tuple(numbers[:PHASES]), tuple(numbers[PHASES:])
    return _share(quality), Trace(belief, likelihood, None if math.isnan(since_s) else since_s)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0

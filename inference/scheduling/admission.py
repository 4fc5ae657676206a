"""May another stream be opened, how often may everyone send, and who is left out at the end?

Pure. Demand is device-seconds per second: frames a second of all streams, times faces in a frame,
times device-seconds per face in the best bucket. It stays below `MAX_BUSY`, so that the plan has
room for bursts. Everyone gets the same rate, so the one who comes late is measured like the others;
the rate falls before anyone is refused.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.scheduling.ladder import LEVELS, LOWEST_FPS_MILLI, Levels

MAX_BUSY = 0.85


@dataclass(frozen=True, slots=True)
class Share:
    """What a number of streams get."""

    fps_milli: int
    """Frames per thousand seconds for each of them."""
    busy: float
    """Device-seconds per second at that rate."""

    @property
    def fits(self) -> bool:
        """Whether the device can bear it."""
        return self.busy <= MAX_BUSY


def share(faces: int, *, frame_s: float, levels: Levels = LEVELS) -> Share:
    """Give every stream the highest rate at which all fit, or else the lowest.

    Args:
        faces: in one frame of each open stream and of the one that asks, together.
        frame_s: device seconds per face.
        levels: the ladder with the rates that there are.
    """
    rates = dict.fromkeys(terms.fps_milli for terms in levels)
    shares = [Share(fps, faces * fps / 1000 * frame_s) for fps in rates]
    return next((share for share in shares if share.fits), shares[-1])


@dataclass(frozen=True, slots=True)
class Claim:
    """One open stream, as the others' rival."""

    stream: int
    """Later streams have higher numbers."""
    tenant: int
    faces: int = 1


def left_out(
    claims: Iterable[Claim], *, frame_s: float, weights: Mapping[int, float]
) -> frozenset[int]:
    """Name the streams that cannot be measured even at the lowest rate.

    One after the other, the newest of the tenant that is furthest over its share: what its streams
    need, divided by its weight. So a small tenant loses nobody to a large one.
    """
    most_faces = math.floor(MAX_BUSY / max(LOWEST_FPS_MILLI / 1000 * frame_s, 1e-9))
    by_tenant: dict[int, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: claim.stream):
        by_tenant[claim.tenant].append(claim)
    faces = {tenant: _faces(of) for tenant, of in by_tenant.items()}
    out: set[int] = set()
    while sum(faces.values()) > most_faces:
        tenant = max(faces, key=lambda tenant: (faces[tenant] / weights.get(tenant, 1.0), tenant))
        newest = by_tenant[tenant].pop()
        faces[tenant] -= newest.faces
        out.add(newest.stream)
    return frozenset(out)


def _faces(claims: Sequence[Claim]) -> int:
    return sum(claim.faces for claim in claims)

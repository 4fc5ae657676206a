"""What the wall of one content shows: every process's students put together, and what changed.

Pure: takes the time, never asks for it. A process publishes its whole part each time, so a lost
one loses nothing.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from rapt.v1 import viewing_pb2 as viewing

from gateway.live.pulse import PulsePoint
from gateway.live.seat import SeatNow, gone, pack, unpack

PART_S = 15.0  # a part that is older comes from a process that died
FULL_S = 10.0  # between full pictures
MAX_HISTORY = 900  # points of the pulse in a full picture
_MEAN = struct.Struct(">H")
_NO_MEAN = 0xFFFF
_MEAN_SCALE = 10_000


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The students of one process. Numbers only: names never leave the database."""

    at_s: float
    """Seconds since 1970 UTC."""
    telemetry: bytes
    """Packed seats, as in `Wall.telemetry`."""
    means: bytes
    """Two bytes a seat: trailing mean attention times 10,000, or 65,535 for none."""


@dataclass(frozen=True, slots=True)
class Name:
    """Whose seat it is."""

    name: str
    initials: str


def pack_part(seats: Sequence[SeatNow], means: Iterable[float | None], *, at_s: float) -> bytes:
    """Return a part as it is published."""
    packed = b"".join(
        _MEAN.pack(_NO_MEAN if mean is None else round(mean * _MEAN_SCALE)) for mean in means
    )
    return msgspec.msgpack.encode(Part(at_s, pack(list(seats)), packed))


def read_part(payload: bytes) -> Part:
    """Return a part as it was published."""
    return msgspec.msgpack.decode(payload, type=Part)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everyone on the wall at one moment."""

    seats: Mapping[int, SeatNow]
    attention: tuple[float, ...]
    """Trailing means of those who are measured."""
    present: int


def picture(parts: Iterable[Part], known_seats: Iterable[int], *, now_s: float) -> Picture:
    """Put the parts together; a known seat that is in none of them has left.

    Args:
        parts: of every process; old ones are left out.
        known_seats: every seat that was ever taken.
        now_s: seconds since 1970 UTC.
    """
    seats = {seat: gone(seat) for seat in known_seats}
    attention: list[float] = []
    present = 0
    for part in parts:
        if now_s - part.at_s > PART_S:
            continue
        here = unpack(part.telemetry)
        seats.update((seat.seat, seat) for seat in here)
        present += len(here)
        means = (mean for (mean,) in _MEAN.iter_unpack(part.means))
        attention += [mean / _MEAN_SCALE for mean in means if mean != _NO_MEAN]
    return Picture(seats, tuple(attention), present)


def initials(name: str) -> str:
    """Return up to two letters that stand for a name."""
    words = name.split()
    letters = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in letters).upper()


class Show:
    """What one watcher has been shown, and what to show next."""

    def __init__(self) -> None:
        self._shown: Mapping[int, SeatNow] = {}
        self._named: dict[int, Name] = {}
        self._full_at_s: float | None = None

    def next(
        self,
        now: Picture,
        names: Mapping[int, Name],
        pulse: PulsePoint,
        history: Sequence[PulsePoint],
        *,
        now_s: float,
    ) -> viewing.Wall:
        """Return the changes since the last picture, or everything when its time has come."""
        is_full = self._full_at_s is None or now_s - self._full_at_s >= FULL_S
        shown = {} if is_full else self._shown
        named = {} if is_full else self._named
        changed = [seat for number, seat in now.seats.items() if shown.get(number) != seat]
        new_names = {s: n for s, n in names.items() if s in now.seats and named.get(s) != n}
        self._shown = now.seats
        self._named = {**named, **new_names}
        if is_full:
            self._full_at_s = now_s
        return viewing.Wall(
            full=is_full,
            telemetry=pack(sorted(changed, key=lambda seat: seat.seat)),
            seats=[
                viewing.Seat(seat=seat, name=name.name, initials=name.initials)
                for seat, name in sorted(new_names.items())
            ],
            pulse=wire_pulse(pulse),
            history=[wire_pulse(point) for point in history] if is_full else [],
        )


def wire_pulse(point: PulsePoint) -> viewing.Pulse:
    """Return a pulse as it goes over the wire."""
    return viewing.Pulse(
        at_s=point.at_s,
        median=point.median,
        low=point.low,
        high=point.high,
        n=point.n,
        present=point.present,
    )

"""What everyone in the class does, second by second, and in front of the camera.

Pure and seeded: the same seed gives the same class. Times are milliseconds since the student came,
in whole tenths of a second.

Seven ways to view take turns (steady, pauses, rewinds, leaves early, hides the page, skips,
hurries), and everyone loses attention two or three times, most of them in the dull stretch of the
lesson.
"""

from dataclasses import dataclass
from enum import Enum
from random import Random

from demo.playing import Deed, Kind, played_by

NAMES = (
    "Amara Okafor",
    "Ben Castillo",
    "Chloe Duval",
    "Dmitri Volkov",
    "Elif Kaya",
    "Felix Brandt",
    "Grace Mwangi",
    "Hiro Tanaka",
    "Ines Moreau",
    "Jonas Lind",
    "Kavya Iyer",
    "Liam Doyle",
    "Mei Chen",
    "Noor Haddad",
    "Oscar Silva",
    "Priya Nair",
    "Quinn Baker",
    "Rosa Jimenez",
    "Samir Aziz",
    "Tova Berg",
    "Uma Patel",
    "Viktor Novak",
    "Wanjiru Kamau",
    "Yara Costa",
)
"""Invented. Beyond these, names are numbered."""

STEP_MS = 100
"""Everything happens at multiples of this."""

MIN_SECONDS = 20
"""A shorter class leaves no room for anything to happen in it."""

FIRST_FOCUSED_MS = 6_000
"""Everyone begins by looking at the lesson."""

BETWEEN_MS = 4_000
"""Least time between two losses of attention."""

HARD = (0.27, 0.33)
"""Where rewinds go back to, as a share of the lesson."""

DULL = (0.55, 0.72)
"""Share of the lesson in which most people lose attention."""

ELSEWHERE = (0.12, 0.5)
"""Share of the lesson in which attention is lost by some."""

OVERTIME = 1.1
"""Nobody stays longer than this, as a share of the lesson, to make up for pauses."""


class Mood(Enum):
    """What a camera would see; the names are those of `rapt.v1.State`."""

    FOCUSED = "focused"
    DRIFTING = "drifting"
    AWAY = "away"
    EYES_CLOSED = "eyes_closed"
    ABSENT = "absent"


LOST = {
    Mood.DRIFTING: (6_500, 11_000),
    Mood.AWAY: (6_000, 10_000),
    Mood.EYES_CLOSED: (6_000, 10_000),
    Mood.ABSENT: (7_000, 12_000),
}
"""Ways to lose attention, and how long each lasts, milliseconds."""


class Way(Enum):
    """How someone views."""

    STEADY = "steady"
    PAUSES = "pauses"
    REWINDS = "rewinds"
    LEAVES = "leaves early"
    HIDES = "hides the page"
    SKIPS = "skips"
    HURRIES = "hurries"


TURNS = (
    Way.STEADY,
    Way.PAUSES,
    Way.REWINDS,
    Way.LEAVES,
    Way.HIDES,
    Way.SKIPS,
    Way.HURRIES,
    Way.LEAVES,
)
"""Who views how, in order of the students."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the camera sees from one moment to another."""

    from_ms: int
    to_ms: int
    mood: Mood


@dataclass(frozen=True, slots=True)
class Part:
    """Everything one student does."""

    index: int
    name: str
    way: Way
    comes_ms: int
    """When the student comes, since the class began."""
    deeds: tuple[Deed, ...]
    """In order of time; OPEN first, CLOSE last."""
    scenes: tuple[Scene, ...]
    """Without gap from 0 to the end."""

    @property
    def ends_ms(self) -> int:
        """When the student is gone, since coming."""
        return self.deeds[-1].at_ms

    @property
    def is_completed(self) -> bool:
        """Whether the end of the content was reached."""
        return any(deed.kind is Kind.ENDED for deed in self.deeds)


def make_script(*, students: int, seconds: int, seed: int = 1) -> tuple[Part, ...]:
    """Write a part for everyone.

    Args:
        students: how many, 1...
        seconds: length of the content, at least `MIN_SECONDS`.
        seed: another one makes another class.
    """
    if students < 1 or seconds < MIN_SECONDS:
        raise ValueError(f"a class has a student and lasts {MIN_SECONDS} s at least")
    return tuple(_part(index, seconds * 1000, seed) for index in range(students))


def _part(index: int, length_ms: int, seed: int) -> Part:
    chance = Random(f"{seed}/{index}")  # noqa: S311 - a play, no secret
    way = TURNS[index % len(TURNS)]
    deeds = _deeds(way, length_ms, chance)
    return Part(
        index=index,
        name=name_of(index),
        way=way,
        comes_ms=_tenths(chance.uniform(0, min(3_000, length_ms / 20))),
        deeds=deeds,
        scenes=_scenes(index, deeds[-1].at_ms, length_ms, chance),
    )


def name_of(index: int) -> str:
    """Return a name that nobody else in the class has."""
    number = index // len(NAMES)
    return NAMES[index % len(NAMES)] + (f" {number + 1}" if number else "")


def _deeds(way: Way, length_ms: int, chance: Random) -> tuple[Deed, ...]:
    """What the student does, and then the end: of the content, of patience, or of the time."""
    first = (Deed(0, Kind.OPEN), Deed(0, Kind.CAMERA_ON), Deed(500, Kind.PLAY))
    deeds = first + _habit(way, length_ms, chance)
    if way is Way.LEAVES:
        return (*deeds, Deed(_tenths(length_ms * chance.uniform(0.45, 0.8)), Kind.CLOSE))
    last_ms = _tenths(length_ms * OVERTIME) + 1_000
    player = played_by(deeds, length_ms)
    left_ms = -(-(length_ms - player.position_ms) * 100 // player.rate_pct)
    ended_ms = -(-(player.at_ms + left_ms) // STEP_MS) * STEP_MS
    if ended_ms <= last_ms:
        return (*deeds, Deed(ended_ms, Kind.ENDED), Deed(ended_ms + 500, Kind.CLOSE))
    return (*deeds, Deed(last_ms, Kind.CLOSE))


def _habit(way: Way, length_ms: int, chance: Random) -> tuple[Deed, ...]:
    """What is special about this way to view; times are shares of the length."""

    def at(low: float, high: float) -> int:
        return _tenths(length_ms * chance.uniform(low, high))

    match way:
        case Way.STEADY | Way.LEAVES:
            return ()
        case Way.PAUSES:
            begin_ms = at(0.3, 0.6)
            end_ms = begin_ms + at(0.05, 0.09)
            return (Deed(begin_ms, Kind.PAUSE), Deed(end_ms, Kind.PLAY))
        case Way.REWINDS:
            return (Deed(at(0.42, 0.52), Kind.SEEK, to_ms=at(*HARD)),)
        case Way.HIDES:
            begin_ms = at(0.35, 0.6)
            end_ms = begin_ms + at(0.1, 0.2)
            return (Deed(begin_ms, Kind.HIDDEN), Deed(end_ms, Kind.VISIBLE))
        case Way.SKIPS:
            begin_ms = at(0.3, 0.5)
            return (Deed(begin_ms, Kind.SEEK, to_ms=begin_ms - 500 + at(0.1, 0.2)),)
        case Way.HURRIES:
            begin_ms, end_ms = at(0.25, 0.4), at(0.6, 0.75)
            return (
                Deed(begin_ms, Kind.RATE, rate_pct=125),
                Deed(end_ms, Kind.RATE, rate_pct=100),
            )


def _scenes(index: int, ends_ms: int, length_ms: int, chance: Random) -> tuple[Scene, ...]:
    """Focus, with losses of attention in between."""
    kinds = list(LOST)
    scenes: list[Scene] = []
    free_ms = 0
    for number, wanted_ms in enumerate(sorted(_losses(ends_ms, length_ms, chance))):
        mood = kinds[(index + index // len(TURNS) + number) % len(kinds)]
        begin_ms = max(wanted_ms, free_ms + BETWEEN_MS, FIRST_FOCUSED_MS)
        end_ms = begin_ms + _tenths(chance.uniform(*LOST[mood]))
        if end_ms + BETWEEN_MS > ends_ms:
            break
        scenes += [Scene(free_ms, begin_ms, Mood.FOCUSED), Scene(begin_ms, end_ms, mood)]
        free_ms = end_ms
    return (*scenes, Scene(free_ms, ends_ms, Mood.FOCUSED))


def _losses(ends_ms: int, length_ms: int, chance: Random) -> list[int]:
    """When attention is lost: by most in the dull stretch, by leavers before they leave."""
    shares = [chance.uniform(*DULL) for _ in range(chance.choice((1, 1, 2)))]
    if ends_ms < DULL[1] * length_ms:
        shares = [ends_ms / length_ms - chance.uniform(14_000, 17_000) / length_ms]
    shares += [chance.uniform(*ELSEWHERE) for _ in range(chance.choice((0, 1, 1, 1)))]
    shares += [chance.uniform(0, 1) for _ in range(length_ms // 90_000)]
    return [_tenths(share * length_ms) for share in shares]


def _tenths(time_ms: float) -> int:
    return round(time_ms / STEP_MS) * STEP_MS

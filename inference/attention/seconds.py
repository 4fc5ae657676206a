"""What happened in each second of a session? Verdicts and player events in, seconds out.

Pure: the caller brings the time. Seconds count on the server's clock from the session's opening.
Second t is closed once, when t + 1 and a grace have passed: late frames still count, and the frames
of the next two seconds tell what the person was doing in this one (`smoother`). So facts come two
seconds late, and may know better than the live verdict did.
After an opening, seconds wait up to `PATIENCE_S` for the first player event: it says what was
played.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.attention.confidence import say
from inference.attention.filter import Trace
from inference.attention.played import Played
from inference.attention.playhead import Moment, PlayedSecond, Playhead
from inference.attention.smoother import smooth
from inference.attention.state import State

GRACE_S = 2.0  # what the smoother looks ahead; twice the default budget of a frame
PATIENCE_S = 6.0  # a beat comes every five seconds
_MAX_FRAMES = 255  # one byte in the store


@dataclass(frozen=True, slots=True)
class Glance:
    """One verdict, placed on the session's clock."""

    at_s: float
    """When the picture was taken."""
    state: State
    probability: float
    """Of the state, 0..1."""
    attention: float | None = None
    on_screen: float | None = None
    eyes_closed: float | None = None
    quality: float = 1.0
    """How well the frame could be judged, 0..1."""
    trace: Trace | None = None
    """The step of the filter; without one the verdict stays as it was."""


@dataclass(frozen=True, slots=True)
class Second:
    """Everything known about one second of a session."""

    t_s: int
    play: PlayedSecond
    frames: int
    state: State
    confidence_pct: int
    attention_pct: int | None
    on_screen_pct: int | None
    eyes_closed_pct: int | None


@dataclass(slots=True)
class _Mean:
    """A weighted mean of shares."""

    total: float = 0.0
    weight: float = 0.0

    def add(self, share: float | None, weight: float = 1.0) -> None:
        """Take one share, if it was measured."""
        if share is not None:
            self.total += share * weight
            self.weight += weight

    @property
    def pct(self) -> int | None:
        """In percent; None when nothing was measured."""
        if self.weight <= 0:
            return None
        return round(100 * min(max(self.total / self.weight, 0.0), 1.0))


@dataclass(slots=True)
class _Sums:
    """The verdicts of one second, summed."""

    weights: dict[State, float] = field(default_factory=dict)
    attention: _Mean = field(default_factory=_Mean)
    on_screen: _Mean = field(default_factory=_Mean)
    eyes_closed: _Mean = field(default_factory=_Mean)

    def add(self, glance: Glance) -> None:
        """Take one verdict."""
        weight = self.weights.get(glance.state, 0.0) + glance.probability
        self.weights[glance.state] = weight
        self.attention.add(glance.attention, glance.probability)  # as sure as the verdict was
        self.on_screen.add(glance.on_screen)
        self.eyes_closed.add(glance.eyes_closed)


class Seconds:
    """Folds one session; `close` hands out every second once, in order, without a hole."""

    def __init__(self, *, start_s: int, playhead: Playhead) -> None:
        self.playhead = playhead
        self.next_s = start_s
        self._patient_from_s = 0.0
        self._patient_until_s = start_s + PATIENCE_S
        self._glances: list[Glance] = []

    def wait_for_event(self, now_s: float) -> None:
        """Hold seconds back: the call was cut, and the next new event says what was played."""
        self._patient_from_s = now_s
        self._patient_until_s = now_s + PATIENCE_S

    def skip_to(self, second_s: int) -> None:
        """Leave out the seconds before this one: nobody was there."""
        self.next_s = max(self.next_s, second_s)

    def see(self, glance: Glance) -> bool:
        """Take a verdict; False when its second is closed already."""
        if int(glance.at_s) < self.next_s:
            return False
        self._glances.append(glance)
        return True

    def hear(self, moment: Moment, played: Played) -> None:
        """Take a player event; one made after the opening ends the waiting."""
        self.playhead.add(moment, played)
        if moment.at_s >= self._patient_from_s:
            self._patient_until_s = 0.0

    def close(self, now_s: float, *, grace_s: float = GRACE_S) -> list[Second]:
        """Return every second that is over for good."""
        closed: list[Second] = []
        waits = now_s < self._patient_until_s and grace_s > 0
        while not waits and self.next_s + 1 + grace_s <= now_s:
            closed.append(self._second(self.next_s))
            self.next_s += 1
        if closed:
            self.playhead.forget(float(self.next_s))
        return closed

    def close_last(self, now_s: float) -> list[Second]:
        """Return what is left at the end; the last second counts when half of it passed."""
        return self.close(now_s + 0.5, grace_s=0.0)

    def _second(self, t_s: int) -> Second:
        known = [glance for glance in self._glances if glance.at_s < t_s + 1 + GRACE_S]
        seen = looked_back(known, t_s)
        self._glances = [glance for glance in self._glances if int(glance.at_s) > t_s]
        sums = _Sums()
        for glance in seen:
            sums.add(glance)
        state, weight = State.UNKNOWN, 0.0
        if sums.weights:
            state = max(sums.weights, key=lambda key: (sums.weights[key], -key))
            weight = sums.weights[state]
        return Second(
            t_s=t_s,
            play=self.playhead.second(t_s),
            frames=min(len(seen), _MAX_FRAMES),
            state=state,
            confidence_pct=round(100 * weight / max(len(seen), 1)),
            attention_pct=sums.attention.pct,
            on_screen_pct=sums.on_screen.pct,
            eyes_closed_pct=sums.eyes_closed.pct,
        )


def looked_back(glances: Sequence[Glance], t_s: int) -> list[Glance]:
    """The verdicts of second `t_s`, said again now that the later ones are known."""
    beliefs = iter(smooth([trace for glance in glances if (trace := glance.trace) is not None]))
    said = []
    for glance in glances:
        belief = next(beliefs) if glance.trace is not None else None
        if int(glance.at_s) == t_s:
            said.append(glance if belief is None else _again(glance, belief.tolist()))
    return said


def _again(glance: Glance, belief: list[float]) -> Glance:
    said = say(belief, glance.quality)
    return Glance(
        glance.at_s,
        said.state,
        said.probability,
        said.attention,
        glance.on_screen,
        said.eyes_closed,
    )

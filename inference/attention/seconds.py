"""What happened in each second of a session? Verdicts and player events in, seconds out.

Pure: the caller brings the time. Seconds count on the server's clock from the session's opening.
Second t is closed once, when t + 1 and a grace have passed, so that late frames still count.
After an opening, seconds wait up to `PATIENCE_S` for the first player event: it says what was
played.
"""

from dataclasses import dataclass, field

from inference.attention.played import Played
from inference.attention.playhead import Moment, PlayedSecond, Playhead
from inference.attention.state import State

GRACE_S = 1.0  # frames this late still count; the default budget of a frame
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
class _Glances:
    """The verdicts of one second, summed."""

    frames: int = 0
    weights: dict[State, float] = field(default_factory=dict)
    attention: list[float] = field(default_factory=list)
    on_screen: list[float] = field(default_factory=list)
    eyes_closed: list[float] = field(default_factory=list)


class Seconds:
    """Folds one session; `close` hands out every second once, in order, without a hole."""

    def __init__(self, *, start_s: int, playhead: Playhead) -> None:
        self.playhead = playhead
        self.next_s = start_s
        self._patient_from_s = 0.0
        self._patient_until_s = start_s + PATIENCE_S
        self._glances: dict[int, _Glances] = {}

    def wait_for_event(self, now_s: float) -> None:
        """Hold seconds back: the call was cut, and the next new event says what was played."""
        self._patient_from_s = now_s
        self._patient_until_s = now_s + PATIENCE_S

    def skip_to(self, second_s: int) -> None:
        """Leave out the seconds before this one: nobody was there."""
        self.next_s = max(self.next_s, second_s)

    def see(self, glance: Glance) -> bool:
        """Take a verdict; False when its second is closed already."""
        t_s = int(glance.at_s)
        if t_s < self.next_s:
            return False
        second = self._glances.setdefault(t_s, _Glances())
        second.frames += 1
        weight = second.weights.get(glance.state, 0.0) + glance.probability
        second.weights[glance.state] = weight
        for values, value in (
            (second.attention, glance.attention),
            (second.on_screen, glance.on_screen),
            (second.eyes_closed, glance.eyes_closed),
        ):
            if value is not None:
                values.append(value)
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
        seen = self._glances.pop(t_s, _Glances())
        state, weight = State.UNKNOWN, 0.0
        if seen.weights:
            state = max(seen.weights, key=lambda key: (seen.weights[key], -key))
            weight = seen.weights[state]
        return Second(
            t_s=t_s,
            play=self.playhead.second(t_s),
            frames=min(seen.frames, _MAX_FRAMES),
            state=state,
            confidence_pct=round(100 * weight / max(seen.frames, 1)),
            attention_pct=_mean_pct(seen.attention),
            on_screen_pct=_mean_pct(seen.on_screen),
            eyes_closed_pct=_mean_pct(seen.eyes_closed),
        )


def _mean_pct(values: list[float]) -> int | None:
    """Return the mean of shares in percent; None when nothing was measured."""
    return round(100 * min(max(sum(values) / len(values), 0.0), 1.0)) if values else None

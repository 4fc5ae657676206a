"""What does one stream ask of its frames, and what is said about them? By camera and policy.

A webcam's frames are judged for attention. A room camera's say who is there and no more. Movements
of the face are read from every second frame, and only where the policy pack allows it: otherwise
their networks are never opened, and nothing is said.
"""

from collections.abc import Sequence

import structlog

from inference.attention.crowd import Room, judge_room
from inference.attention.expression import Expression, Face, follow
from inference.attention.judge import Judgement, Memory, judge_many
from inference.messages import Camera
from inference.perception.look import Wants
from inference.perception.observation import Observation
from inference.policy import allows_expressions
from inference.scheduling.ladder import Terms
from inference.sessions.session import LiveSession

EXPRESSION_EVERY_FRAMES = 2
ROOM_WIDTH_PX = 640
"""Below this the heads of a room are too small to measure."""
ROOM_SEARCHES = 4
"""So many times as often as a webcam's is a room's picture searched: people come and go."""

log = structlog.get_logger()


class Watching:
    """One stream's frames, from what is asked of them to what is said."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self.is_room = session.camera is Camera.ROOM
        self._has_expressions = not self.is_room and allows_expressions(session.sitting.policy)
        self._room = Room()
        self._face = Face()
        self._frames = 0
        self.foreseen: tuple[float, Memory, Judgement] | None = None
        """What was found for the frame of a moment, together with those of other streams."""
        log.info(
            "watching_begun",
            camera=session.camera.name.lower(),
            policy=session.sitting.policy,
            has_expressions=self._has_expressions,
        )

    @property
    def memory(self) -> Memory:
        """What is remembered of the person."""
        return self._session.memory

    def is_playing(self, taken_s: float) -> bool:
        """Whether the content played visibly then."""
        return self._session.is_watching(taken_s)

    def wants(self, terms: Terms) -> Wants:
        """What the next frame is measured for, on these terms."""
        if self.is_room:  # a smaller picture would lose them all
            return Wants(room=True, redetect_s=terms.redetect_s / ROOM_SEARCHES)
        self._frames += 1
        is_turn = self._frames % EXPRESSION_EVERY_FRAMES == 0
        return Wants(
            expression=self._has_expressions and terms.has_expression and is_turn,
            redetect_s=terms.redetect_s,
            is_small=terms.is_small,
            reuse=terms.has_reuse,
        )

    def width_px(self, terms: Terms) -> int:
        """How wide a picture it needs, on these terms."""
        return ROOM_WIDTH_PX if self.is_room else terms.width_px

    def judge(
        self, observation: Observation, taken_s: float
    ) -> tuple[Judgement, Expression | None]:
        """Say what a picture of that (monotonic) moment showed."""
        if self.is_room:
            self._room, judgement = judge_room(self._room, observation, taken_s)
            return judgement, None
        if self.foreseen is None or self.foreseen[0] != taken_s:
            judge_together([(self, observation, taken_s)])
        assert self.foreseen is not None  # noqa: S101  # just now, or with the rest of the batch
        _, self._session.memory, judgement = self.foreseen
        self.foreseen = None
        if not self._has_expressions:
            return judgement, None
        self._face, expression = follow(self._face, observation.movements, taken_s)
        return judgement, expression


def judge_together(frames: Sequence[tuple[Watching, Observation, float]]) -> None:
    """Judge a frame of each of many streams at once, which is cheaper than one by one.

    Each is told by `Watching.judge` after that. A room is not judged for attention and has no part.

    Args:
        frames: stream, what was seen, and when it was taken.
    """
    mine = [row for row in frames if not row[0].is_room]
    found = judge_many(
        [watching.memory for watching, _, _ in mine],
        [observation for _, observation, _ in mine],
        [taken_s for _, _, taken_s in mine],
        [watching.is_playing(taken_s) for watching, _, taken_s in mine],
    )
    for (watching, _, taken_s), (memory, judgement) in zip(mine, found, strict=True):
        watching.foreseen = (taken_s, memory, judgement)

"""What does one stream ask of its frames, and what is said about them? By camera and policy.

A webcam's frames are judged for attention. A room camera's say who is there and no more. Movements
of the face are read from every second frame, and only where the policy pack allows it: otherwise
their networks are never opened, and nothing is said.
"""

import structlog

from inference.attention.crowd import Room, judge_room
from inference.attention.expression import Expression, Face, follow
from inference.attention.judge import Judgement, judge
from inference.messages import Camera
from inference.perception.look import Wants
from inference.perception.observation import Observation
from inference.policy import allows_expressions
from inference.scheduling.ladder import Terms
from inference.session import LiveSession

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
        self._is_room = session.camera is Camera.ROOM
        self._has_expressions = not self._is_room and allows_expressions(session.sitting.policy)
        self._room = Room()
        self._face = Face()
        self._frames = 0
        log.info(
            "watching_begun",
            camera=session.camera.name.lower(),
            policy=session.sitting.policy,
            has_expressions=self._has_expressions,
        )

    def wants(self, terms: Terms) -> Wants:
        """What the next frame is measured for, on these terms."""
        if self._is_room:  # a smaller picture would lose them all
            return Wants(room=True, redetect_s=terms.redetect_s / ROOM_SEARCHES)
        self._frames += 1
        is_turn = self._frames % EXPRESSION_EVERY_FRAMES == 0
        return Wants(
            expression=self._has_expressions and terms.has_expression and is_turn,
            redetect_s=terms.redetect_s,
            is_small=terms.is_small,
        )

    def width_px(self, terms: Terms) -> int:
        """How wide a picture it needs, on these terms."""
        return ROOM_WIDTH_PX if self._is_room else terms.width_px

    def judge(
        self, observation: Observation, taken_s: float
    ) -> tuple[Judgement, Expression | None]:
        """Say what a picture of that (monotonic) moment showed."""
        if self._is_room:
            self._room, judgement = judge_room(self._room, observation, taken_s)
            return judgement, None
        self._session.memory, judgement = judge(
            self._session.memory,
            observation,
            taken_s,
            is_watching=self._session.is_watching(taken_s),
        )
        if not self._has_expressions:
            return judgement, None
        self._face, expression = follow(self._face, observation.movements, taken_s)
        return judgement, expression

"""Who may open a stream on this worker, and on which terms does everyone send?

The stateful side of `scheduling.admission` and `scheduling.ladder`: it knows the open streams of
each tenant and what each tenant may use. A tenant that has spent its own quota is told so before it
is told that the worker is full. The terms are worked out anew when a stream opens or closes and
once in `TICK_S`; they travel with every answer.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import structlog
from rapt.errors import PoolFull, QuotaSpent

from inference.metrics import Metrics
from inference.scheduling.admission import Claim, Share, left_out, share
from inference.scheduling.ladder import (
    LAST,
    LEVELS,
    LOWEST_FPS_MILLI,
    Levels,
    Rung,
    Signs,
    Terms,
    step,
)

TICK_S = 0.5
STALE_AFTER_S = 1.0  # a person notices a second
HEARD_S = 2.5  # a stream that has sent nothing for longer waits for nothing

log = structlog.get_logger()


class Device(Protocol):
    """What the load is weighed against."""

    def frame_s(self) -> float:
        """Return device-seconds per face in the best bucket."""

    def load(self, now_s: float) -> float:
        """Return the device-seconds that a second of arriving frames needs."""


class Quota(Protocol):
    """What a tenant may use of a worker."""

    @property
    def max_streams(self) -> int | None:
        """Open streams; None = any number."""

    @property
    def frames_per_s(self) -> float | None:
        """Of all its streams together; None = any number."""


class Measured(Protocol):
    """An open stream."""

    terms: Terms

    @property
    def number(self) -> int:
        """Which stream, in this process; later ones have higher numbers."""

    @property
    def tenant(self) -> int:
        """Whose it is."""

    @property
    def cost(self) -> int:
        """Faces that its frames are expected to show; of a room it changes from frame to frame."""

    @property
    def heard_at_s(self) -> float:
        """When its newest frame came."""

    @property
    def unanswered_since_s(self) -> float | None:
        """When the oldest frame came that nothing has been said about since; None = none."""


class Load:
    """The open streams of a worker."""

    def __init__(
        self,
        device: Device,
        metrics: Metrics,
        *,
        weights: Mapping[int, float] | None = None,
        levels: Levels = LEVELS,
    ) -> None:
        """Begin without any.

        Args:
            device: what they are weighed against.
            metrics: where they are counted.
            weights: of tenants, against each other; 1 of those that are not in it.
            levels: the ladder.
        """
        self._device = device
        self._metrics = metrics
        self._weights = weights or {}
        self._streams: dict[int, Measured] = {}
        self._quotas: dict[int, Quota] = {}
        self._rung = Rung()
        self._costs: dict[int, int] = {}
        """Of each open stream, when it was looked at last."""
        self._faces = 0
        """All of them together."""
        self._levels = levels
        self._common = levels[0]
        self._show()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def level(self) -> int:
        """How far the worker has stepped down."""
        return max(self._rung.level, self._wanted().level)

    def full_rate(self) -> float:
        """Return the device-seconds a second that all open streams need where none steps down."""
        return self._faces * self._levels[0].fps_milli / 1000 * self._device.frame_s()

    def admit(self, tenant: int, *, faces: int = 1, quota: Quota | None = None) -> None:
        """Let one more stream in; ask before it is made.

        Args:
            tenant: whose stream.
            faces: that its frames are expected to show.
            quota: what the tenant may use, when that is limited.

        Raises:
            QuotaSpent: the tenant has all that it may have.
            PoolFull: it does not fit even when everyone sends as seldom as can be.
        """
        if quota is not None:
            self._check_quota(tenant, quota)
        wanted = self._share_of(self._faces + faces)
        if not wanted.fits or self._rung.level == LAST:
            self._metrics.streams_refused.labels("pool_full").inc()
            busy_pct = round(100 * wanted.busy)
            raise PoolFull(f"the device would be {busy_pct} % busy; try another worker")

    def join(self, stream: Measured, *, quota: Quota | None = None) -> None:
        """Count an admitted stream; everyone's terms follow.

        Args:
            stream: that was made.
            quota: that it was admitted with; holds from now on.
        """
        if quota is not None:
            self._quotas[stream.tenant] = quota
        self._streams[stream.number] = stream
        self._costs[stream.number] = stream.cost
        self._faces += stream.cost
        stream.terms = self._common
        self._share()

    def leave(self, stream: Measured) -> None:
        """Forget a stream that has ended."""
        if self._streams.pop(stream.number, None) is None:
            return
        self._faces -= self._costs.pop(stream.number)
        tenant = stream.tenant
        if tenant in self._quotas and not self._open_of(tenant):
            del self._quotas[tenant]
        self._share()

    async def run(self) -> None:
        """Watch how the worker does, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick(time.monotonic())

    def tick(self, now_s: float) -> None:
        """Look at the streams and the signs, and step down or up."""
        self._costs = {number: stream.cost for number, stream in self._streams.items()}
        self._faces = sum(self._costs.values())
        signs = Signs(self._fresh_share(now_s), self._device.load(now_s))
        before, rung = self.level, step(self._rung, signs, now_s)
        if rung.level > self._rung.level:  # down from where everyone is already
            rung = Rung(min(before + 1, LAST))
        if rung.level >= self._rung.level or not self._left_out():  # who is out would be in trouble
            self._rung = rung
        if self.level != before:
            log.info(
                "level_changed",
                level=self.level,
                before=before,
                fresh_share=round(signs.fresh_share, 3),
                load=round(signs.load, 3),
            )
        self._share()

    def _check_quota(self, tenant: int, quota: Quota) -> None:
        open_now = self._open_of(tenant)
        if quota.max_streams is not None and len(open_now) >= quota.max_streams:
            self._metrics.streams_refused.labels("quota_spent").inc()
            raise QuotaSpent(f"the tenant has {len(open_now)} of {quota.max_streams} streams open")
        if quota.frames_per_s is None:
            return
        lowest = (len(open_now) + 1) * LOWEST_FPS_MILLI / 1000
        if lowest > quota.frames_per_s:
            self._metrics.streams_refused.labels("quota_spent").inc()
            raise QuotaSpent(f"the tenant may send {quota.frames_per_s:g} frames a second")

    def _share(self) -> None:
        """Give every stream its terms; it tells its gateway with its next answer."""
        common = self._levels[self.level]
        is_same = common is self._common and not self._quotas and self._rung.level < LAST
        self._common = common
        self._show()
        if is_same:
            return  # thousands may open at once
        out = self._left_out()
        for tenant, streams in self._by_tenant().items():
            terms = self._within_quota(common, tenant, len(streams))
            for stream in streams:
                is_out = stream.number in out
                stream.terms = replace(terms, is_measured=False) if is_out else terms

    def _wanted(self) -> Terms:
        """Return the first level at which all open streams fit, by their number alone."""
        fps_milli = self._share_of(self._faces).fps_milli
        return next(terms for terms in self._levels if terms.fps_milli <= fps_milli)

    def _share_of(self, faces: int) -> Share:
        return share(faces, frame_s=self._device.frame_s(), levels=self._levels)

    def _left_out(self) -> frozenset[int]:
        if self._rung.level < LAST:
            return frozenset()
        claims = [Claim(s.number, s.tenant, s.cost) for s in self._streams.values()]
        return left_out(claims, frame_s=self._device.frame_s(), weights=self._weights)

    def _within_quota(self, terms: Terms, tenant: int, streams: int) -> Terms:
        quota = self._quotas.get(tenant)
        if quota is None or quota.frames_per_s is None:
            return terms
        most = int(1000 * quota.frames_per_s / streams)
        is_less = most < terms.fps_milli
        return replace(
            terms,
            level=max(terms.level, 1) if is_less else terms.level,
            fps_milli=min(terms.fps_milli, most),
            most_fps_milli=min(terms.most_fps_milli, most),
        )

    def _fresh_share(self, now_s: float) -> float:
        """Of the streams that send frames, how many have been told something lately?"""
        asking = [
            stream
            for stream in self._streams.values()
            if stream.terms.is_measured and now_s - stream.heard_at_s < HEARD_S
        ]
        stale = sum(
            since_s is not None and now_s - since_s > STALE_AFTER_S
            for since_s in (stream.unanswered_since_s for stream in asking)
        )
        return 1 - stale / max(len(asking), 1)

    def _by_tenant(self) -> dict[int, list[Measured]]:
        groups: dict[int, list[Measured]] = {}
        for stream in self._streams.values():
            groups.setdefault(stream.tenant, []).append(stream)
        return groups

    def _open_of(self, tenant: int) -> list[Measured]:
        return [stream for stream in self._streams.values() if stream.tenant == tenant]

    def _show(self) -> None:
        self._metrics.streams_open.set(len(self._streams))
        self._metrics.level.set(self.level)

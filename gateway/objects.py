"""Every object of one gateway, made from its settings."""

import asyncio

from rapt.errors import Misconfigured
from rapt.tls import client_tls
from rapt.tracing.opening import open_tracer

from analytics.store import open_store
from gateway.config import PREFIX, GatewayConfig
from gateway.creators.answers import Answers, StoredAnswers
from gateway.creators.media import Media
from gateway.creators.opening import Opening
from gateway.db.contents import Contents
from gateway.db.database import Database
from gateway.db.sessions import Sessions
from gateway.health import Checks
from gateway.identity.callers import Callers
from gateway.identity.tickets import Tickets
from gateway.live.hub import Hub, MemoryHub
from gateway.live.presence import Presence
from gateway.live.redis_hub import RedisHub
from gateway.live.walls import Walls
from gateway.metrics import Metrics
from gateway.oip.calls import ModelCalls
from gateway.oip.keys import Keys
from gateway.static import WebApp
from gateway.tasks import Tasks
from gateway.viewing.observe import Observer
from gateway.viewing.open_sessions import OpenSessions, Waits
from gateway.viewing.placement import Placement, Registry, fixed, is_announced
from gateway.viewing.rules import SessionRules
from gateway.viewing.socket import SocketRules, Sockets
from gateway.viewing.workers import Workers


class Gateway:
    """One gateway. `start` opens it inside the running loop, `stop` ends every session first."""

    def __init__(self, config: GatewayConfig, *, answers: Answers | None = None) -> None:
        self._config = config
        self._tasks = Tasks()
        self._tls = client_tls(
            config.inference_ca, config.inference_certificate, config.inference_key
        )
        self.metrics = Metrics()
        self._tracer = open_tracer(
            config.traces,
            process="gateway",
            name="",
            share=config.traces_share,
            counts=self.metrics.traces,
            setting=f"{PREFIX}TRACES",
        )
        self.tickets = Tickets(config.ticket_key, good_for_s=config.ticket_s)
        self.callers = Callers(
            local_token=config.local_token, tickets=self.tickets, tenant_id=config.tenant
        )
        self.keys = Keys(config.local_token, config.oip_token)
        self.database = Database(config.database_address)
        self.contents = Contents(self.database)
        self.register = Sessions(self.database)
        self.opening = Opening(
            contents=self.contents,
            register=self.register,
            tickets=self.tickets,
            policy=config.policy,
        )
        self.media = Media(
            config.media_path, tenant_id=config.tenant, max_bytes=config.max_media_bytes
        )
        self.web_app = WebApp(config.static_path, media_origins=config.extra_media_origins)
        self.answers = answers or StoredAnswers(
            open_store(config.store_url), pulse_k=config.pulse_k
        )

    async def start(self) -> None:
        """Open what must be open before the first request."""
        await self.database.open()
        await asyncio.to_thread(self.media.tidy)
        self.hub = self._make_hub()
        await self.hub.start()
        self.workers = await self._find_workers()
        self.models = ModelCalls(
            self.workers.placement, token=self._config.inference_token, tls=self._tls
        )
        self.checks = Checks(workers=self.workers, answers=self.answers, hub=self.hub)
        presence = Presence(self.hub)
        self._tasks.start(presence.publish_for_ever(), name="presence")
        self.walls = Walls(
            hub=self.hub,
            register=self.register,
            past=self.answers,
            tasks=self._tasks,
            pulse_k=self._config.pulse_k,
        )
        self.sessions = self._make_sessions(presence)
        self.sockets = self._make_sockets()

    async def stop(self) -> None:
        """End every session, then close what was opened."""
        await self.sessions.stop()
        await self._tasks.stop()
        await self.models.close()
        await self.workers.close()
        await self.hub.stop()
        await self.answers.close()
        await self.database.close()
        if self._tracer is not None:
            await asyncio.to_thread(self._tracer.close)

    async def _find_workers(self) -> Workers:
        """Take the workers of the settings, or those that announce themselves.

        Raises:
            Misconfigured: they announce themselves, and there is no Redis.
        """
        config = self._config
        if not is_announced(config.inference_addresses):
            placement = fixed(config.inference_addresses)
            return Workers(placement, token=config.inference_token, tls=self._tls)
        if not config.redis_url:
            raise Misconfigured(f"{PREFIX}INFERENCE is registry; set {PREFIX}REDIS_URL, too")
        placement = Placement()
        workers = Workers(placement, token=config.inference_token, tls=self._tls)
        registry = Registry(config.redis_url, placement, workers)
        await registry.look()
        self._tasks.start(registry.run(), name="registry")
        return workers

    def _make_hub(self) -> Hub:
        url = self._config.redis_url
        return RedisHub(url, self.metrics) if url else MemoryHub()

    def _make_sessions(self, presence: Presence) -> OpenSessions:
        config = self._config
        return OpenSessions(
            register=self.register,
            observer=Observer(self.workers, self.metrics, self._tracer),
            presence=presence,
            tasks=self._tasks,
            metrics=self.metrics,
            rules=SessionRules(
                messages_per_s=config.messages_per_s,
                messages_burst=config.messages_burst,
                frames_per_s=config.frames_per_s,
                max_waiting_events=config.max_waiting_events,
                keep_days=config.keep_days,
                camera_keep_days=config.camera_keep_days,
                beat_s=config.beat_s,
            ),
            waits=Waits(
                grace_s=config.grace_s,
                last_words_s=config.last_words_s,
                close_s=config.close_s,
                max_sessions=config.max_sessions,
                max_detached=config.max_detached,
            ),
        )

    def _make_sockets(self) -> Sockets:
        config = self._config
        return Sockets(
            tickets=self.tickets,
            sessions=self.sessions,
            walls=self.walls,
            metrics=self.metrics,
            rules=SocketRules(
                hello_s=config.hello_s,
                slow_reader_s=config.slow_reader_s,
                origins=config.extra_origins,
            ),
        )

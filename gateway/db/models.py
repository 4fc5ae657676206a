"""The tables. Names of people live here and nowhere else."""

from datetime import datetime

from advanced_alchemy.base import DefaultBase
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column


class ContentRow(DefaultBase):
    """A lesson or a video."""

    __tablename__ = "contents"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tenant_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(8))
    length_ms: Mapped[int] = mapped_column(BigInteger)
    media_name: Mapped[str] = mapped_column(String(64), default="")
    """File in the media folder; empty without one."""
    media_type: Mapped[str] = mapped_column(String(64), default="")
    media_url: Mapped[str] = mapped_column(String(2000), default="")
    """Where the video lies when it is not ours; empty otherwise."""
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))

    __table_args__ = (Index("ix_contents_tenant_created", "tenant_id", "created_at"),)


class SessionRow(DefaultBase):
    """One sitting of one person: who it is, and which seat they have on the wall."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tenant_id: Mapped[int] = mapped_column(BigInteger)
    content_id: Mapped[int] = mapped_column(ForeignKey("contents.id"))
    user_key: Mapped[int] = mapped_column(BigInteger)
    """Random number that stands for the person in the store."""
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[int] = mapped_column(Integer)
    device: Mapped[str] = mapped_column(String(32))
    camera: Mapped[int] = mapped_column(Integer, default=0)
    opened_at_us: Mapped[int] = mapped_column(BigInteger)
    fence: Mapped[int] = mapped_column(BigInteger)
    seat: Mapped[int | None] = mapped_column(Integer, default=None)
    """Place on the wall in order of joining; None until the socket opens, and for staff."""
    joined_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)

    __table_args__ = (
        UniqueConstraint("content_id", "seat", name="uq_sessions_content_seat"),
        Index("ix_sessions_content_opened", "content_id", "opened_at_us"),
    )

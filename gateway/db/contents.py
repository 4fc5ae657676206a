"""Contents: made, listed, found, given a video file. Always within one tenant."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from rapt.errors import NotFound
from sqlalchemy import select

from gateway.db.database import Database
from gateway.db.models import ContentRow
from gateway.ids import new_id

Kind = Literal["video", "lesson"]


@dataclass(frozen=True, slots=True)
class Content:
    """A lesson or a video: anything with a clock."""

    id: int
    tenant_id: int
    title: str
    kind: Kind
    length_ms: int
    """Milliseconds; 0 = not known yet."""
    media_name: str
    media_type: str
    media_url: str
    created_at: datetime


class _Rows(SQLAlchemyAsyncRepository[ContentRow]):
    """Rows of `contents`."""

    model_type = ContentRow


class Contents:
    """Everything that can be watched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(
        self, tenant_id: int, *, title: str, kind: Kind, length_ms: int, media_url: str
    ) -> Content:
        """Add a content and return it."""
        row = ContentRow(
            id=new_id(),
            tenant_id=tenant_id,
            title=title,
            kind=kind,
            length_ms=length_ms,
            media_name="",
            media_type="",
            media_url=media_url,
            created_at=datetime.now(UTC),
        )
        async with self._database.transaction() as session:
            await _Rows(session=session).add(row)
        return _content(row)

    async def newest(self, tenant_id: int, *, limit: int) -> list[Content]:
        """Return the contents of a tenant, newest first."""
        wanted = (
            select(ContentRow)
            .where(ContentRow.tenant_id == tenant_id)
            .order_by(ContentRow.created_at.desc())
            .limit(limit)
        )
        async with self._database.transaction() as session:
            return [_content(row) for row in await session.scalars(wanted)]

    async def find(self, tenant_id: int, content_id: int) -> Content:
        """Return one content.

        Raises:
            NotFound: the tenant has none with that id.
        """
        async with self._database.transaction() as session:
            row = await _Rows(session=session).get_one_or_none(id=content_id, tenant_id=tenant_id)
        return _content(_known(row, content_id))

    async def set_media(
        self, tenant_id: int, content_id: int, *, media_name: str, media_type: str
    ) -> Content:
        """Remember the video file of a content.

        Raises:
            NotFound: the tenant has none with that id.
        """
        async with self._database.transaction() as session:
            found = await _Rows(session=session).get_one_or_none(id=content_id, tenant_id=tenant_id)
            row = _known(found, content_id)
            row.media_name = media_name
            row.media_type = media_type
        return _content(row)


def _known(row: ContentRow | None, content_id: int) -> ContentRow:
    if row is None:
        raise NotFound(f"there is no content with the id {content_id}; GET /v1/contents lists them")
    return row


def _content(row: ContentRow) -> Content:
    return Content(
        id=row.id,
        tenant_id=row.tenant_id,
        title=row.title,
        kind="lesson" if row.kind == "lesson" else "video",
        length_ms=row.length_ms,
        media_name=row.media_name,
        media_type=row.media_type,
        media_url=row.media_url,
        created_at=row.created_at,
    )

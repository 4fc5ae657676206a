"""Contents and sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tenant_id", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("length_ms", sa.BigInteger, nullable=False),
        sa.Column("media_name", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("media_url", sa.String(2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_contents_tenant_created", "contents", ["tenant_id", "created_at"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tenant_id", sa.BigInteger, nullable=False),
        sa.Column("content_id", sa.BigInteger, sa.ForeignKey("contents.id"), nullable=False),
        sa.Column("user_key", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("opened_at_us", sa.BigInteger, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("seat", sa.Integer),
        sa.Column("joined_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("content_id", "seat", name="uq_sessions_content_seat"),
    )
    op.create_index("ix_sessions_content_opened", "sessions", ["content_id", "opened_at_us"])


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("contents")

"""What a session's camera looks at."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    camera = sa.Column("camera", sa.Integer, nullable=False, server_default="0")
    op.add_column("sessions", camera)


def downgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("camera")

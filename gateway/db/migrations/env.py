"""Runs migrations on the connection that `gateway.db.database` hands over."""

from alembic import context

from gateway.db.models import ContentRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ContentRow.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

"""What ended is found by when it ended; agents tell of their clusters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ENDED = sa.text("finished_at IS NOT NULL")


def upgrade() -> None:
    """Add an index and a column to the first tables."""
    op.create_index("tasks_ended", "tasks", ["finished_at", "state"], sqlite_where=_ENDED, postgresql_where=_ENDED)
    op.add_column("agents", sa.Column("clusters", sa.Text, nullable=False, server_default="[]"))

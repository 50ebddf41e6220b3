"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_QUEUED = sa.text("state = 'queued' AND waits_for = 0")
_HELD = sa.text("state IN ('leased', 'running')")

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite numbers rows by itself only when the column is called INTEGER."""


def upgrade() -> None:
    """Make the tables of an empty database."""
    _tasks()
    op.create_table(
        "needs",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("needed", sa.Text, primary_key=True, index=True),
    )
    op.create_table(
        "log_chunks",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "agents",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("revoked_at", sa.Double),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("seq", _SEQ, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("waits_for", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.Text, unique=True),
        sa.Column("schedule", sa.Text),
        sa.Column("series", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("losses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("agent", sa.Text),
        sa.Column("lease", sa.Text),
        sa.Column("lease_until", sa.Double),
        sa.Column("cancelling", sa.Integer, nullable=False, server_default="0"),
        sa.Column("exit_code", sa.Integer),
        sa.Column("output", sa.Text, nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("log_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("claimed_at", sa.Double),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sqlite_autoincrement=True,
    )
    first = sa.text("priority DESC")
    op.create_index("tasks_waiting", "tasks", [first, "seq"], sqlite_where=_QUEUED, postgresql_where=_QUEUED)
    op.create_index("tasks_held", "tasks", ["agent"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_index("tasks_by_state", "tasks", ["state", "seq"])

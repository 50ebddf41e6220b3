"""The tables of the task server, as Alembic makes and changes them."""

"""How Alembic runs a migration: on the connection, and in the transaction, of `opening.py`."""

from alembic import context

from songrnn.studio.archive.opening import VERSION_TABLE
from songrnn.studio.archive.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by writing it anew
)
context.run_migrations()

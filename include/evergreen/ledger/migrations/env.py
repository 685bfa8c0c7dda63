"""What Alembic runs: the steps, on the connection that `ledger.upgrade` hands over and in its transaction."""

from __future__ import annotations

from alembic import context

from evergreen.ledger.tables import SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], version_table=VERSION_TABLE, version_table_schema=SCHEMA
)
context.run_migrations()

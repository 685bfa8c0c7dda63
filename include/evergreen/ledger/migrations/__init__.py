"""How a ledger made by an older Evergreen becomes one of this: one file a step, run by Alembic."""

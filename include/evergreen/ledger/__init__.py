"""The ledger: the append-only record of publishes, decisions, gates, releases, rollouts and costs (SQLAlchemy)."""

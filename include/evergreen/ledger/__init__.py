"""The ledger: the append-only record of publishes, decisions, gates, releases, rollouts, alerts, costs (SQLAlchemy)."""

"""The ledger as it was before its first numbered step.

A new ledger gets these tables. One that was made before keeps its rows, and gets what it lacks.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
ONCE_A_MODEL = "releases_use_case_model_version_key"

metadata = MetaData(schema="evergreen")


def _time(name: str, *, now: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=func.now() if now else None)


publishes = Table(
    "publishes",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "number"),
)

copies = Table(
    "copies",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("number", Integer, nullable=False),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "number"),
)

items = Table(
    "items",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("use_case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("outcome", Text),
    Column("lease_owner", Text),
    _time("as_of"),
    _time("lease_until"),
    _time("created_at", now=True),
    _time("closed_at"),
    UniqueConstraint("use_case", "kind", "subject"),
)

measurements = Table(
    "measurements",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("dataset_version", Integer, nullable=False),
    Column("release", Integer, nullable=False),
    Column("violation", Boolean),
    Column("body", JSONB, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "dataset_version", "release"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("dataset_version", Integer, nullable=False),
    Column("retrain", Boolean, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "key"),
)

gates = Table(
    "gates",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("approved", Boolean),
    Column("body", JSONB, nullable=False),
    _time("window_start"),
    _time("window_end"),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "model_version"),
)

releases = Table(
    "releases",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "number"),
)

once_a_bento = Index(
    "releases_once_a_bento",
    releases.c.use_case,
    releases.c.model_version,
    text("(body #>> '{bento,sha256}')"),
    unique=True,
)

activations = Table(
    "activations",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("release", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "n"),
    UniqueConstraint("use_case", "run_id"),
)

rollouts = Table(
    "rollouts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("use_case", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("release", Integer, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("created_at", now=True),
)

holds = Table(
    "holds",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("use_case", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    _time("created_at", now=True),
    UniqueConstraint("use_case", "what", "run_id", "held"),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "source", "key", "hash"),
)

costs = Table(
    "costs",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("wall_seconds", Double, nullable=False),
    Column("cpu_seconds", Double, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "stage", "key"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("text", Text, nullable=False),
    _time("data_time"),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "kind", "key"),
)

alert_posts = Table(
    "alert_posts",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    _time("created_at", now=True),
    _time("delivered_at"),
    PrimaryKeyConstraint("use_case", "kind", "key"),
)


def upgrade() -> None:
    """Create the tables that are missing, and let a model be packaged anew."""
    db = op.get_bind()
    metadata.create_all(db)
    query = text("select 1 from pg_constraint where conname = :name and connamespace = 'evergreen'::regnamespace")
    if db.execute(query, {"name": ONCE_A_MODEL}).scalar() is not None:
        db.execute(text(f"alter table evergreen.releases drop constraint {ONCE_A_MODEL}"))
        once_a_bento.create(db)

"""The ledger's tables, in the schema `evergreen`.

Rows are added. Only these ever change: an item's lease and state, a run and its steps until they have ended, a person's
answer to a gate, and when an alert was delivered. A change here needs a step in `migrations/versions`.
"""

from __future__ import annotations

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

SCHEMA = "evergreen"
VERSION_TABLE = "ledger_version"
"""Where Alembic notes the revision. Not its default name, which MLflow and Optuna use, perhaps in the same database."""
metadata = MetaData(schema=SCHEMA)


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
    comment="a projection of the data registry's tags",
)

copies = Table(
    "copies",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("number", Integer, nullable=False),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "number"),
    comment="versions that have their second copy, in the DVC remote and the git remote",
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
    comment="what is to be done: an asset event only wakes, the oldest open item decides",
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
    comment="every retrain decision, the no as well as the yes",
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
"""A release is a model in one bento: packaged anew, the same model is another release."""

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
    comment="the active release of a use case is the row with the highest n",
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
    comment="each step of a rollout; the last row of the last run says how traffic is shared",
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
    comment="a hold placed or ended; the last row of (use_case, what) counts",
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

specs = Table(
    "specs",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("created_at", now=True),
    PrimaryKeyConstraint("use_case", "fingerprint"),
    comment="use cases as runs began with them",
)

runs = Table(
    "runs",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("subject", Text),
    Column("item", BigInteger),
    Column("spec", Text),
    Column("asked_by", Text, nullable=False),
    Column("door", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("said", Text),
    _time("data_time"),
    _time("began_at", now=True),
    _time("ended_at"),
    PrimaryKeyConstraint("use_case", "kind", "run_id"),
    comment="who asked for what, when, and how it ended",
)

newest_runs = Index("runs_newest", runs.c.use_case, runs.c.began_at)

run_steps = Table(
    "run_steps",
    metadata,
    Column("use_case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("said", Text),
    Column("result", JSONB),
    Column("wall_seconds", Double, nullable=False),
    Column("cpu_seconds", Double, nullable=False),
    _time("began_at", now=True),
    _time("ended_at"),
    PrimaryKeyConstraint("use_case", "kind", "run_id", "step", "part"),
    comment="the steps of the runs, and what each cost; of a mapped step one row a part",
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
    comment="what a person should look at, once a night and kind",
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
    comment="alerts that are to be posted, beside them so that those of before are not",
)

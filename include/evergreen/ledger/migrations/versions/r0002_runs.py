"""Runs, their steps, and the use cases they began with. What trainings cost is told by the steps from now on."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
create table evergreen.specs (
    use_case text not null,
    fingerprint text not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    primary key (use_case, fingerprint)
);
create table evergreen.runs (
    use_case text not null,
    kind text not null,
    run_id text not null,
    subject text,
    item bigint,
    spec text,
    asked_by text not null,
    door text not null,
    params jsonb not null,
    state text not null,
    said text,
    data_time timestamptz,
    began_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (use_case, kind, run_id)
);
create index runs_newest on evergreen.runs (use_case, began_at);
create table evergreen.run_steps (
    use_case text not null,
    kind text not null,
    run_id text not null,
    step text not null,
    part text not null,
    attempts integer not null,
    state text not null,
    said text,
    result jsonb,
    wall_seconds double precision not null,
    cpu_seconds double precision not null,
    began_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (use_case, kind, run_id, step, part)
)
"""

COSTS = r"""
create temporary table old_costs on commit drop as
select use_case,
       case stage when 'package' then 'deploy' else stage end as kind,
       case when stage = 'package' then key else regexp_replace(key, '/[^/]*$', '') end as run_id,
       case when stage = 'package' then 'package'
            else regexp_replace(regexp_replace(key, '^.*/', ''), '-\d+$', '') end as step,
       coalesce(substring(key from '/\w+-(\d+)$'), '') as part,
       wall_seconds, cpu_seconds, data_time, created_at
  from evergreen.costs;
insert into evergreen.runs (use_case, kind, run_id, asked_by, door, params, state, data_time, began_at, ended_at)
select use_case, kind, run_id, 'unknown', 'unknown', '{}',
       case when bool_or(step in ('gate', 'package')) then 'done' else 'failed' end,
       max(data_time), min(created_at), max(created_at)
  from old_costs group by use_case, kind, run_id;
insert into evergreen.run_steps
       (use_case, kind, run_id, step, part, attempts, state, wall_seconds, cpu_seconds, began_at, ended_at)
select use_case, kind, run_id, step, part, 1, 'done', wall_seconds, cpu_seconds, created_at, created_at
  from old_costs;
drop table old_costs;
drop table evergreen.costs
"""


def upgrade() -> None:
    """Add the tables, and turn each cost into a step of a run that has ended."""
    db = op.get_bind()
    db.exec_driver_sql(TABLES)
    db.exec_driver_sql(COSTS)

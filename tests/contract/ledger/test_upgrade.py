"""A ledger of an older Evergreen is taken over; one of a newer Evergreen is left alone."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from tests.contract.loop.conftest import no_connections
from tests.faults import toy

from evergreen.ledger import upgrade
from evergreen.ledger.costs import cost_since, last_cost, last_cost_time
from evergreen.ledger.errors import NewerLedger
from evergreen.ledger.open import create_tables
from evergreen.ledger.tables import SCHEMA, VERSION_TABLE, metadata
from evergreen.loop.instance import Instance
from evergreen.loop.state import canonical_state
from evergreen.settings import Settings

BEFORE = Path(__file__).parent / "before_runs"
"""Two nights of the toy use case, a training by hand and a rollback, by the last program without revisions."""


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Any:
    """A home with that ledger and that data registry."""
    made = toy.Instance(tmp_path)
    made.set_up()
    shutil.rmtree(made.home / "registry", ignore_errors=True)
    with tarfile.open(BEFORE / "registry.tar.xz") as archive:
        archive.extractall(made.home, filter="data")
    config = made.home / "registry" / ".dvc" / "config"
    config.write_text(config.read_text().replace("@HOME@", str(made.home)))
    engine = create_engine(database_url)
    with engine.begin() as db:
        db.connection.cursor().execute((BEFORE / "ledger.sql").read_text().replace("@HOME@", str(made.home)))
    engine.dispose()
    instance = Instance(
        settings=Settings(home=made.home, use_cases=tmp_path / "use_cases"),
        database_url=database_url,
        mlflow_uri=database_url,
        optuna_url=database_url,
        connect=no_connections,
        pseudonym_key=b"key",
    )
    yield instance
    instance.engine.dispose()


def test_an_older_ledger_says_the_same_after_its_upgrade(old: Instance) -> None:
    expected = json.loads((BEFORE / "canonical.json").read_text())
    assert json.loads(json.dumps(canonical_state(old, "toy"))) == expected
    assert not _differences(old.engine)


def test_a_ledger_from_before_some_tables_gets_them_and_keeps_what_it_has(old: Instance) -> None:
    bare = create_engine(old.database_url)
    with bare.begin() as db:
        db.execute(text("drop table evergreen.alerts, evergreen.alert_posts, evergreen.copies"))
        one = "releases_use_case_model_version_key unique (use_case, model_version)"
        db.execute(text(f"alter table evergreen.releases add constraint {one}"))
        db.execute(text("drop index evergreen.releases_once_a_bento"))
    bare.dispose()
    expected = json.loads((BEFORE / "canonical.json").read_text())
    assert json.loads(json.dumps(canonical_state(old, "toy"))) == expected
    assert not _differences(old.engine)


def test_what_trainings_cost_is_known_after_the_upgrade(old: Instance) -> None:
    with old.ledger() as db:
        spent = cost_since(db, "toy", "train", toy.START, toy.HISTORY[-1])
        last = last_cost(db, "toy", "train", "gate")
        assert last_cost_time(db, "toy", "train", "search") == toy.HISTORY[-1]
    assert last is not None
    assert 0 < last.total_seconds() < spent.total_seconds()


def test_a_new_ledger_has_the_tables_that_the_queries_know(engine: Engine) -> None:
    assert not _differences(engine)


def test_a_step_that_was_forgotten_comes_to_light(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("alter table evergreen.runs drop column said"))
    assert _differences(engine)


def test_the_newest_step_is_what_this_program_reads() -> None:
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(Path(upgrade.__file__).parent / "migrations"))
    assert steps.get_current_head() == upgrade.REVISION


def test_an_older_program_leaves_a_newer_ledger_alone(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text(f"update {SCHEMA}.{VERSION_TABLE} set version_num = '9001'"))
    with pytest.raises(NewerLedger, match="revision 9001, but this program knows revisions up to"):
        create_tables(engine)
    with engine.begin() as db:
        assert upgrade.revision_of(db) == "9001"


def _differences(engine: Engine) -> list[Any]:
    def ours(_: object, name: str | None, kind: str, *rest: object) -> bool:
        return not (kind == "table" and name in {"predictions", VERSION_TABLE})

    options = {"include_schemas": True, "include_object": ours, "compare_type": True}
    # not by the user's own schema, which has the ledger's name: Alembic would take the tables for those of no schema
    public = create_engine(engine.url, connect_args={"options": "-csearch_path=public"})
    with public.connect() as db:
        context = MigrationContext.configure(
            db, opts={**options, "version_table": VERSION_TABLE, "version_table_schema": SCHEMA}
        )
        found = compare_metadata(context, metadata)
    public.dispose()
    return [one for one in found if not (isinstance(one[0], str) and one[0].endswith("table_comment"))]

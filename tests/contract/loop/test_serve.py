"""What the service is told and asks: routes and lookups over a real ledger and registry."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.faults import toy
from tests.rounds import ingest

from evergreen.artifacts import DatasetVersion, Manifest
from evergreen.errors import PermanentError
from evergreen.loop.instance import Instance
from evergreen.loop.serve import Filler, LedgerRoutes

ASKED = pl.DataFrame({"shop": ["north"], "price": [9.5]})


@pytest.fixture
def served(instance: Instance) -> LedgerRoutes:
    ingest(instance, "toy", "first", toy.NIGHTS[0])
    return LedgerRoutes(instance, Filler(instance))


def ask(served: LedgerRoutes) -> pl.DataFrame:
    """What the first request after now is filled with."""
    toys = served.routes()["toy"]
    assert toys.data_version is not None
    assert toys.data_time is not None
    return served.filler(toys.use_case, ASKED, version=toys.data_version, at_most=toys.data_time)


def test_a_new_version_is_loaded_before_requests_go_to_it_where_an_older_one_was_asked_for(
    instance: Instance, served: LedgerRoutes, tmp_path: Path
) -> None:
    served.routes()
    assert served.filler.loaded("toy") == [], "nobody has asked yet"
    ask(served)
    toy.Instance(tmp_path).drop(toy.NIGHTS[1])
    ingest(instance, "toy", "second", toy.NIGHTS[1])
    served.routes()
    assert served.filler.loaded("toy") == [1, 2]
    assert ask(served)["_cutoff"].to_list() == [toy.NIGHTS[1]]


def test_a_file_in_the_middle_of_an_edit_fails_no_request(instance: Instance, served: LedgerRoutes) -> None:
    served.routes()
    (instance.folder("toy") / "use_case.yaml").write_text("name: [toy", encoding="utf-8")
    assert ask(served).height == 1


def test_a_use_case_whose_version_can_not_be_read_is_served_as_before_and_the_others_are_served(
    instance: Instance, served: LedgerRoutes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "use_cases" / "other"
    other.mkdir()
    (other / "use_case.yaml").write_text(toy.YAML.replace("name: toy", "name: other"), encoding="utf-8")
    served.routes()
    toy.Instance(tmp_path).drop(toy.NIGHTS[1])
    ingest(instance, "toy", "second", toy.NIGHTS[1])

    def damaged(version: DatasetVersion) -> Manifest:
        raise PermanentError(f"the manifest of {version.name} can't be read")

    with monkeypatch.context() as now:
        now.setattr(instance.registry, "manifest", damaged)
        found = served.routes()
        assert set(found) == {"toy", "other"}
        assert found["toy"].data_version == 1
    assert served.routes()["toy"].data_version == 2

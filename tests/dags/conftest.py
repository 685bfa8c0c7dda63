"""The DAG files as Airflow's DAG processor reads them: no database, no scheduler, a folder of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

ROOT = Path(__file__).resolve().parents[2]
Parse = Callable[[Path], "DagBag"]


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parse]:
    """Read a folder of DAG files, or one."""
    with pytest.MonkeyPatch.context() as patch:
        if "AIRFLOW_HOME" not in os.environ:  # read once, at Airflow's first import
            patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Airflow imports warns of its own deprecations
            from airflow.dag_processing.dagbag import DagBag
        yield lambda path: DagBag(path)


@pytest.fixture(scope="session")
def bag(parse: Parse) -> DagBag:
    """The project's own DAG files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVERGREEN_USE_CASES", str(ROOT / "include" / "use_cases"))
        return parse(ROOT / "dags")


@pytest.fixture(scope="session")
def dags(bag: DagBag) -> dict[str, DAG]:
    """The project's DAGs by id."""
    return bag.dags  # type: ignore[return-value]


@pytest.fixture
def use_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for use cases of the test's own, each with a DAG file of its own in `dags/`."""
    folder = tmp_path / "use_cases"
    folder.mkdir()
    (tmp_path / "dags").mkdir()
    monkeypatch.setenv("EVERGREEN_USE_CASES", str(folder))
    return folder


def write_use_case(folder: Path, name: str, more: str = "", task: str = "binary") -> Path:
    """The shortest use case and its DAG file; the DAG file's path."""
    (folder / name).mkdir()
    (folder / name / "use_case.yaml").write_text(
        f"name: {name}\n"
        f"task: {task}\n"
        "key: [id]\n"
        "target: {column: churned}\n"
        "sources:\n"
        '  customers: {type: files, path: "{landing}/*.csv", key: [id]}\n' + more
    )
    file = folder.parent / "dags" / f"{name}.py"
    file.write_text((ROOT / "dags" / "flights.py").read_text().replace("flights", name))
    return file

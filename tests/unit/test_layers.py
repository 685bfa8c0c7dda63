"""Who may import whom (the contracts in pyproject.toml), and that a parse pays for no heavy library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PYTHONPATH": str(ROOT / "include"), "PATH": os.environ["PATH"]}
HEAVY = (
    "bentoml", "dvc", "dvc_data", "evidently", "great_expectations", "lightgbm", "mlflow", "optuna", "pandas",
    "scipy", "sklearn", "xgboost",
)  # fmt: skip
PACKAGES = sorted(path.parent.name for path in (ROOT / "include" / "evergreen").glob("*/__init__.py"))


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """import-linter as CI runs it, on the packages in `folder`, with nothing kept between runs."""
    linter = str(Path(sys.executable).with_name("lint-imports"))
    return subprocess.run(
        [linter, "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml"), *options],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": str(folder / "include")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_keeps_to_the_contracts() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr


WRONG = {
    "monitoring": "evergreen.training",
    "ledger": "evergreen.versions",
    "spec": "evergreen.features",
    "loop": "airflow.sdk",
    "evaluation": "evidently",
    "delivery": "dvc_data.hashfile.tree",
    "ingest": "sample_sources",
}
"""One import that a contract forbids in each of these packages."""


def test_the_contracts_catch_wrong_imports(tmp_path: Path) -> None:
    bare_copy(tmp_path)
    before = lint(tmp_path)
    assert before.returncode == 0, before.stdout
    for package, imported in WRONG.items():
        (tmp_path / "include" / "evergreen" / package / "wrong.py").write_text(f"import {imported}\n", encoding="utf-8")
    found = lint(tmp_path)
    assert found.returncode != 0
    for package, imported in WRONG.items():
        root = imported if imported.startswith("evergreen.") else imported.partition(".")[0]
        assert f"evergreen.{package}.wrong -> {root}" in found.stdout, found.stdout


def test_a_package_in_no_layer_is_an_error(tmp_path: Path) -> None:
    bare_copy(tmp_path)
    (tmp_path / "include" / "evergreen" / "unheard_of").mkdir()
    (tmp_path / "include" / "evergreen" / "unheard_of" / "__init__.py").touch()
    found = lint(tmp_path, "--contract", "layers")
    assert found.returncode != 0
    assert "unheard_of" in found.stdout


def bare_copy(folder: Path) -> None:
    """The packages' empty shells: enough for the contracts to hold, and quick to look through."""
    for package in ("evergreen", "sample_sources"):
        (folder / "include" / package).mkdir(parents=True)
        (folder / "include" / package / "__init__.py").touch()
    for path in (ROOT / "include" / "evergreen").glob("*.py"):
        (folder / "include" / "evergreen" / path.name).touch()
    for package in PACKAGES:
        (folder / "include" / "evergreen" / package).mkdir()
        (folder / "include" / "evergreen" / package / "__init__.py").touch()


def test_no_package_brings_a_heavy_library_when_it_is_imported() -> None:
    """A DAG file pays at every parse for what the packages' `__init__` import."""
    code = (
        "import importlib, sys\n"
        f"for package in {[name for name in PACKAGES if name != 'orchestration']}:\n"
        "    importlib.import_module(f'evergreen.{package}')\n"
        f"    found = [name for name in {HEAVY} if name in sys.modules]\n"
        "    if found: sys.exit(f'evergreen.{package} imports {found}')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_a_search_starts_its_workers_before_it_imports_what_they_import_too() -> None:
    code = (
        "import sys\n"
        "import evergreen.tabular.fit, evergreen.training.in_memory, evergreen.training.nested_score\n"
        "found = [name for name in ('sklearn', 'scipy', 'pandas', 'optuna') if name in sys.modules]\n"
        "if found: sys.exit(f'{found} were imported')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr

"""Direct dependencies, the lock, the imports and docs/dependencies.md say the same."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"evergreen", "sample_sources", "tests"}
CODE = ("include", "dags", "plugins")
LOCKS = ("requirements.txt", "requirements-dev.txt")
PARTS = {"dvc-data": "dvc", "dvc-objects": "dvc", "fastapi": "apache-airflow"}
"""Packages that are a part of another, versioned and installed with it."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [name for extra in extras for name in project["optional-dependencies"][extra]]
    return {normal(re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]) for requirement in wanted}


def locked(name: str) -> set[str]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(package) for package in found}


def imported() -> dict[str, str]:
    """Every package that the code names in an import, and one file that does."""
    found: dict[str, str] = {}
    for path in (path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            else:
                continue
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | OURS}


def test_what_the_code_imports_is_a_direct_dependency() -> None:
    direct, providers = declared("catboost"), packages_distributions()
    missing = []
    for name, path in imported().items():
        packages = {normal(package) for package in providers.get(name, [name])}
        packages |= {PARTS[package] for package in packages if package in PARTS}
        if not packages & direct and not any(p.startswith("apache-airflow") for p in packages):
            missing.append(f"{name} ({path})")
    assert not missing, f"pyproject.toml does not name {', '.join(missing)}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_dependency_is_locked(lock: str) -> None:
    assert not declared(*(["dev"] if lock == "requirements-dev.txt" else [])) - locked(lock)


def test_the_locks_agree_with_each_other() -> None:
    versions = [
        dict(re.findall(r"^([\w.-]+(?:\[[\w,]+\])?)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in LOCKS
    ]
    assert {name: versions[1].get(name) for name in versions[0]} == versions[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = [part for part in re.split(r"\n(?=[\w.-]+(?:\[[\w,]+\])?==)", f"\n{text}") if "==" in part]
    assert len(packages) == len(locked(lock))
    assert all("--hash=sha256:" in part for part in packages)
    assert "://" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_nccl_stays_out_of_the_lock(lock: str) -> None:
    assert not [name for name in locked(lock) if name.startswith("nvidia-nccl")]


def test_the_page_of_dependencies_has_each_of_them_once() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    named = [normal(re.sub(r"\[.*\]", "", name)) for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(named) == sorted(declared("dev"))

"""Outside `tasks/` nothing asks for a task's name, nor by a column's name what kind of prediction it holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import evergreen
from evergreen.tasks import TASKS

LIBRARY = Path(evergreen.__file__).parent
MAY = {
    "predictions/rows.py": "the store has these columns, whatever the task",
    "predictions/store.py": "and is read back by them",
    "local/story/chapters.py": "the story reads the service's answers, as any client would",
    "delivery/destination.py": "so has a database that predictions are written to",
}
"""Files that may spell such a word, each with the reason."""
WORDS = ("probability", "probabilities")


def spelled(code: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is a task's name, or a column of one task's predictions; docstrings are not."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            text = node.value
            if text in TASKS or text in WORDS or text.startswith("probability_"):
                yield node.lineno, text


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('if task == "binary": pass', ["binary"]),
        ('if "probability" in frame.columns: pass', ["probability"]),
        ('name = f"probability_{label}"', ["probability_"]),
        ('X = {"multiclass": 1}', ["multiclass"]),
        ('"""A regression."""\nsaid = "a binary task has two"', []),
    ],
)
def test_what_is_looked_for_is_found(code: str, found: list[str]) -> None:
    assert [text for _, text in spelled(code)] == found


def test_nobody_outside_tasks_asks_for_a_name() -> None:
    files = [path for path in sorted(LIBRARY.rglob("*.py")) if path.relative_to(LIBRARY).parts[0] != "tasks"]
    asked = [
        f"{path.relative_to(LIBRARY)}:{line}: {text}"
        for path in files
        if path.relative_to(LIBRARY).as_posix() not in MAY
        for line, text in spelled(path.read_text(encoding="utf-8"))
    ]
    assert not asked, "ask the task instead (`evergreen.tasks`): " + ", ".join(asked)


def test_who_may_still_has_to() -> None:
    assert [name for name in MAY if not list(spelled((LIBRARY / name).read_text(encoding="utf-8")))] == []

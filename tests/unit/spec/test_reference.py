"""The reference has every key with its type and default, and what the documents show is accepted."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evergreen.cli import reference
from evergreen.spec import UseCase, parse_use_case
from evergreen.spec.load import _Loader

ROOT = Path(__file__).parents[3]
FIRST, GUIDE, TRAINING = (f"docs/guides/{name}.md" for name in ("first_use_case", "use_case", "training"))
FLIGHTS = "include/use_cases/flights/use_case.yaml"


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def keys(model: type[BaseModel] = UseCase, above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key by its path, e.g. `sources.incremental.by`: names of sources and places in lists are no part of it."""
    for name, field in model.model_fields.items():
        yield f"{above}{name}", field
        for inner in models_in(field.annotation):
            yield from keys(inner, f"{above}{name}.")


def read(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)


def examples(path: str) -> list[dict[str, Any]]:
    """The blocks of YAML in a document."""
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(r"^( *)```yaml\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [read(textwrap.dedent(block)) for _, block in found]


def test_the_reference_has_every_key_and_no_other() -> None:
    named, section = [], ""
    for line in reference.use_case_page().splitlines():
        if heading := re.match(r"## (?:`([^`]+)`)?", line):
            section = re.sub(r"\.<name>|\[\]", "", f"{heading[1]}.") if heading[1] else ""
        elif row := re.match(r"\| `([^`]*)` \|", line):
            named.append(section + row[1])
    assert set(named) == {key for key, _ in keys()}


def test_every_key_says_what_it_means() -> None:
    silent = re.findall(r"^\| `([^`]*)` .*\|  \|$", reference.use_case_page(), re.MULTILINE)
    assert not silent, f"write a docstring below {silent} in evergreen/spec"


@pytest.mark.parametrize(
    "row",
    [
        "| `lead` | duration | `0s` |",
        "| `folds` | whole number; at least 2, at most 20 | `3` |",
        '| `min_gain` | section | `{"absolute": 0.0}` |',
        "| `encode` | `target`, `onehot`, `ordinal` | `onehot` |",
        "| `key` | list of columns | needed |",
        "| `budget` | budget | none |",
        "| `max_size` | size | none |",
        "| `quarantine_at_most` | share; at least 0, at most 1 | `0.05` |",
    ],
)
def test_the_reference_says_type_limits_and_default(row: str) -> None:
    assert row in reference.use_case_page()


def test_the_reference_has_every_command() -> None:
    page = reference.command_line_page()
    for words in ("## evergreen check", "`--online` | also ask the sources", "evergreen rollback [-h]"):
        assert words in page


@pytest.mark.parametrize(
    ("path", "number"),
    [(path, n) for path in ("README.md", "docs/design.md", FIRST, GUIDE, TRAINING) for n in range(len(examples(path)))],
)
def test_an_example_is_accepted(path: str, number: int) -> None:
    shown = examples(path)[number]
    around = {} if "name" in shown else examples(GUIDE)[0]
    parse_use_case(yaml.safe_dump({**around, **shown}))


def test_the_gates_example_fits_the_flights() -> None:
    (gate,) = [shown for shown in examples(TRAINING) if "promotion" in shown]
    parse_use_case(yaml.safe_dump({**read((ROOT / FLIGHTS).read_text(encoding="utf-8")), **gate}))

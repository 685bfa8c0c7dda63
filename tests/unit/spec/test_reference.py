"""docs/guides/use_case.md names every key with its default, and what the documents show is accepted."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from evergreen.spec import UseCase, parse_use_case
from evergreen.spec.load import _Loader

ROOT = Path(__file__).parents[3]
GUIDE, TRAINING = "docs/guides/use_case.md", "docs/guides/training.md"
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


def rows() -> list[tuple[str, str]]:
    """Each key in the first cell of the guide's tables, by its path, and what stands in the second cell."""
    found, section = [], ""
    for line in (ROOT / GUIDE).read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (?:`(\w+)`)?", line):
            section = f"{heading[1]}." if heading[1] else ""
        elif row := re.match(r"\| (`[^|]*`) \| ([^|]*) \|", line):
            found += [(section + key, row[2]) for key in re.findall(r"`([^`]+)`", row[1])]
    return found


def read(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)


def examples(path: str) -> list[dict[str, Any]]:
    """The blocks of YAML in a document."""
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(r"^( *)```yaml\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [read(textwrap.dedent(block)) for _, block in found]


KEYS = list(keys())
ROWS = rows()


def test_the_guide_names_every_key_and_no_other() -> None:
    known, named = {key for key, _ in KEYS}, {key for key, _ in ROWS}
    sections = {key.rpartition(".")[0] for key in known}
    assert not known - sections - named, f"{GUIDE} lacks a row"
    assert not named - known


def test_the_guide_says_what_is_needed() -> None:
    sections = {key.rpartition(".")[0] for key, _ in KEYS}
    needed = {key for key, field in KEYS if field.is_required() and key not in sections}
    assert needed == {key for key, said in ROWS if said == "needed"}


@pytest.mark.parametrize(("key", "said"), [row for row in ROWS if row[1] == "none" or row[1].startswith("`")])
def test_a_default_of_the_guide_is_the_one_that_holds(key: str, said: str) -> None:
    for field in (field for path, field in KEYS if path == key):
        default = field.get_default(call_default_factory=True)
        if said == "none":
            assert default in (None, (), {}, "")
        elif re.fullmatch("`[^`]*`", said):
            kind: Any = Annotated[field.annotation, *field.metadata, None]
            assert TypeAdapter(kind).validate_python(read(said.strip("`"))) == default


@pytest.mark.parametrize(
    ("path", "number"),
    [(path, n) for path in ("README.md", "docs/design.md", GUIDE, TRAINING) for n in range(len(examples(path)))],
)
def test_an_example_is_accepted(path: str, number: int) -> None:
    shown = examples(path)[number]
    around = {} if "name" in shown else examples(GUIDE)[0]
    parse_use_case(yaml.safe_dump({**around, **shown}))


def test_the_gates_example_fits_the_flights() -> None:
    (gate,) = [shown for shown in examples(TRAINING) if "promotion" in shown]
    parse_use_case(yaml.safe_dump({**read((ROOT / FLIGHTS).read_text(encoding="utf-8")), **gate}))

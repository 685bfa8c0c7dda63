"""Read `use_case.yaml`: YAML with line numbers, strict models, references within the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from evergreen.spec.errors import Problem, SpecError
from evergreen.spec.hints import did_you_mean
from evergreen.spec.operation import Schedule
from evergreen.spec.references import check_references
from evergreen.spec.use_case import UseCase

__all__ = ["did_you_mean", "fingerprint", "load_all", "load_use_case", "parse_use_case"]

FILE_NAME = "use_case.yaml"


def load_use_case(folder: Path) -> UseCase:
    """The use case described in `folder/use_case.yaml`. Raises SpecError naming every problem with its line.

    >>> load_use_case(Path("nowhere"))
    Traceback (most recent call last):
    ...
    evergreen.spec.errors.SpecError: nowhere/use_case.yaml:1: there is no such file; …
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(
            [Problem(path, 1, "", "there is no such file; a use case is a folder with a use_case.yaml")]
        ) from None
    except UnicodeDecodeError:
        raise SpecError([Problem(path, 1, "", "is not text in UTF-8; save it as UTF-8")]) from None
    except OSError as error:
        raise SpecError([Problem(path, 1, "", f"can't be read: {error.strerror}")]) from None
    use_case = parse_use_case(text, path)
    if use_case.name != folder.name:
        problem = f"`{use_case.name}` has to be the name of its folder, `{folder.name}`"
        raise SpecError([Problem(path, _Lines(text, path).of(("name",)), "name", problem)])
    return use_case


def load_all(folder: Path) -> dict[str, UseCase]:
    """Every use case below `folder`, by name. Raises SpecError with the problems of all of them."""
    found: dict[str, UseCase] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*/{FILE_NAME}")):
        try:
            found[path.parent.name] = load_use_case(path.parent)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return found


def parse_use_case(text: str, path: Path = Path(FILE_NAME)) -> UseCase:
    """The use case in a YAML text; `path` is only named in errors. Raises SpecError naming every problem.

    >>> churn = parse_use_case('''
    ... name: churn
    ... task: binary
    ... key: [customer]
    ... target: {column: left}
    ... sources:
    ...   customers: {type: files, path: "{landing}/churn/*.csv", key: [customer]}
    ... ''')
    >>> churn.base, churn.metric, churn.test_window
    ('customers', 'roc_auc', 0.2)
    """
    lines = _Lines(text, path)
    raw = lines.value
    if not isinstance(raw, dict):
        raise SpecError([Problem(path, 1, "", "a use case is a mapping; start with `name:` and `task:`")])
    try:
        use_case = UseCase.model_validate(raw)
    except ValidationError as error:
        raise SpecError(sorted((_problem(item, lines) for item in error.errors()), key=lambda p: p.line)) from None
    wrong = [Problem(path, lines.of(key), ".".join(map(str, key)), said) for key, said in check_references(use_case)]
    if wrong:
        raise SpecError(sorted(wrong, key=lambda problem: problem.line))
    return use_case


_OPERATION = {"title", "owner", "promotion", "monitoring", "retraining", "rollout", "scoring", "serving"}


def fingerprint(use_case: UseCase) -> str:
    """A hash of all that shapes data and model, the ticks that cutoffs go by included; how the use case is operated is
    left out.

    So are defaults: an upgrade that brings a new key rebuilds no table and retrains no model of those who don't use it.
    """
    ticks = Schedule(ingest=use_case.schedule.ingest) if use_case.predict is not None else Schedule()
    shaping = use_case.model_copy(update={"schedule": ticks})
    said = shaping.model_dump_json(exclude=_OPERATION, exclude_defaults=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml's where there is one
    """Safe YAML in which only `true` and `false` are booleans, as in YAML 1.2: `on` is a word of ours."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class _Lines:
    """A YAML text with the line of every key."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        try:
            self.root = yaml.compose(text, Loader=_Loader)
            self.value = yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            raise SpecError([Problem(path, line, "", f"not valid YAML: {error.problem}")]) from None
        except yaml.YAMLError as error:
            raise SpecError([Problem(path, 1, "", f"not valid YAML: {type(error).__name__}")]) from None
        self.duplicates = list(_duplicate_keys(self.root))
        if self.duplicates:
            raise SpecError([Problem(path, line, key, "is given twice; keep one") for key, line in self.duplicates])

    def walk(self, key: Iterable[Any]) -> tuple[list[str], int]:
        """The part of `key` that is in the file, and its line. Names that pydantic adds for unions are passed over."""
        node, line, seen = self.root, 1, list[str]()
        for part in key:
            if isinstance(node, yaml.MappingNode):
                found = [(k, v) for k, v in node.value if k.value == str(part)]
                if found:
                    line, node = found[0][0].start_mark.line + 1, found[0][1]
                    seen.append(str(part))
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
                seen.append(str(part))
        return seen, line

    def of(self, key: Iterable[Any]) -> int:
        """The line of the innermost part of `key` that is in the file."""
        return self.walk(key)[1]


def _duplicate_keys(root: Any) -> Iterable[tuple[str, int]]:
    """Every key given twice in one mapping, with its line. A node that aliases repeat is looked at once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                if key.value in names:
                    yield str(key.value), key.start_mark.line + 1
                names.add(key.value)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def _problem(item: Any, lines: _Lines) -> Problem:
    location = item["loc"]
    seen, line = lines.walk(location)
    key = ".".join(seen)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _allowed(location)
        return Problem(lines.path, line, key, "unknown key" + did_you_mean(str(location[-1]), allowed))
    if kind == "missing":
        return Problem(lines.path, line, key, f"`{location[-1]}` is missing")
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return Problem(lines.path, line, key, "unknown value" + did_you_mean(str(item["input"]), allowed))
    if kind == "union_tag_invalid":
        allowed = re.findall(r"'([^']*)'", context["expected_tags"])
        said = f"`type: {context['tag']}` is unknown{did_you_mean(str(context['tag']), allowed)}"
        return Problem(lines.path, line, key, said)
    if kind == "union_tag_not_found":
        return Problem(lines.path, line, key, "`type` is missing; allowed are sql, rest, files")
    if kind in _PLAIN:
        return Problem(lines.path, line, key, _PLAIN[kind])
    message = item["msg"].removeprefix("Value error, ")
    return Problem(lines.path, line, key, message[0].lower() + message[1:])


_MAPPING = "has to be a mapping, `name: value` below it or `{name: value}`"
_PLAIN = {
    "tuple_type": "has to be a list, e.g. `[one, two]`",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "string_type": "has to be text; put it in quotes",
    "string_pattern_mismatch": "a name is lower-case letters, digits and underscores, and starts with a letter",
    "too_short": "can't be empty",
}
"""pydantic's kinds of error whose own words speak of Python rather than YAML."""


def _allowed(location: tuple[Any, ...]) -> list[str]:
    """The keys that would have been allowed where the unknown one stands: found by walking the models."""
    from evergreen.spec.sources import FilesSource, RestSource, SqlSource

    types: dict[str, type[BaseModel]] = {"sql": SqlSource, "rest": RestSource, "files": FilesSource}
    model: type[BaseModel] | None = UseCase
    for part in location[:-1]:
        if model is None:
            return []
        if str(part) in types and "sources" in location:
            model = types[str(part)]
        elif str(part) in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation, model)
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: Any, holder: type[BaseModel]) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument, holder)
        if found is not None:
            return found
    return None

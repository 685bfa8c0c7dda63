"""Read `use_case.yaml`: YAML with line numbers, strict models, references within the file."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from .errors import Problem, SpecError
from .references import check_references
from .use_case import UseCase

FILE_NAME = "use_case.yaml"


def load_use_case(folder: Path) -> UseCase:
    """The use case described in `folder/use_case.yaml`. Raises SpecError naming every problem with its line."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(
            [Problem(path, 1, "", "there is no such file; a use case is a folder with a use_case.yaml")]
        ) from None
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
    """The use case in a YAML text; `path` is only named in errors. Raises SpecError naming every problem."""
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


_OPERATION = {"title", "owner", "schedule", "promotion", "monitoring", "retraining", "rollout", "scoring", "serving"}


def fingerprint(use_case: UseCase) -> str:
    """A hash of all that shapes data and model; how the use case is operated is left out."""
    return hashlib.sha256(use_case.model_dump_json(exclude=_OPERATION).encode()).hexdigest()[:16]


class _Loader(yaml.SafeLoader):
    """Safe YAML in which only `true` and `false` are booleans, as in YAML 1.2: `on` is a word of ours."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
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


def _duplicate_keys(node: Any) -> Iterable[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            if key.value in names:
                yield str(key.value), key.start_mark.line + 1
            names.add(key.value)
            yield from _duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicate_keys(item)


def _problem(item: Any, lines: _Lines) -> Problem:
    location = item["loc"]
    seen, line = lines.walk(location)
    key = ".".join(seen)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _allowed(location, lines.value)
        return Problem(lines.path, line, key, "unknown key" + did_you_mean(str(location[-1]), allowed))
    if kind == "missing":
        return Problem(lines.path, line, key, f"`{location[-1]}` is missing")
    if kind == "literal_error":
        return Problem(lines.path, line, key, f"allowed are {context['expected'].replace(' or ', ', ')}")
    if kind == "union_tag_invalid":
        return Problem(
            lines.path, line, key, f"`type: {context['tag']}` is unknown; allowed are {context['expected_tags']}"
        )
    if kind == "union_tag_not_found":
        return Problem(lines.path, line, key, "`type` is missing; allowed are sql, rest, files")
    message = item["msg"].removeprefix("Value error, ")
    return Problem(lines.path, line, key, message[0].lower() + message[1:])


def _allowed(location: tuple[Any, ...], value: Any) -> list[str]:
    """The keys that would have been allowed where the unknown one stands: found by walking the models."""
    from .sources import FilesSource, RestSource, SqlSource

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


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean …?` where one is close, and what is allowed."""
    names = sorted(set(allowed))
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    if not names:
        return hint
    shown = ", ".join(names[:25]) + (f" and {len(names) - 25} more" if len(names) > 25 else "")
    return f"{hint or ';'} allowed {'are' if len(names) > 1 else 'is'} {shown}"

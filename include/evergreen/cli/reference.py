"""The reference pages, written from the models: `python -m evergreen.cli.reference docs/reference`."""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evergreen.cli.main import parser
from evergreen.spec import base
from evergreen.spec.task import TaskField
from evergreen.spec.training import TestWindow
from evergreen.spec.use_case import UseCase

GENERATED = "<!-- Written by `make reference` from the code. Edit the docstrings there, not this page. -->"
WIDTH = 100
_KINDS: tuple[tuple[Any, str], ...] = (
    *((base.Duration, "duration"), (base.Size, "size"), (base.Share, "share"), (base.Budget, "budget")),
    *((base.Cron, "cron"), (base.Name, "name"), (base.Columns, "list of columns")),
    *((TestWindow, "duration or share"), (TaskField, "`binary`, `multiclass` or `regression`")),
)
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Any: "any value"}
_PLAIN |= {timedelta: "duration"}


@dataclass(frozen=True)
class Part:
    """A section of the file: where it stands, and the model that describes it."""

    path: str
    model: type[BaseModel]
    kind: str = ""
    """Of a section that comes in several types: the value of its `type`."""


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {"use_case.md": use_case_page(), "command_line.md": command_line_page()}


def use_case_page() -> str:
    """Every key of `use_case.yaml`: its type, its default, what is allowed and what it means."""
    intro = (
        "Every key of a use case's file. [The guide](../guides/use_case.md) shows them in examples.\n\n"
        "- A duration is a number and a unit: `20ms`, `90s`, `15m`, `2h`, `7d` or `1w`.\n"
        "- A share is `0.3` or `30%`. A size is `500KB`, `50MB` or `2GB`.\n"
        "- A budget is a duration per day, week or month: `30m/week`.\n"
        "- A cron expression has five fields. All times are UTC."
    )
    return "\n\n".join([GENERATED, "# Reference: use_case.yaml", intro, *map(_section, sections())]) + "\n"


def sections() -> list[Part]:
    """Every section once, also where several types of source have it."""
    return list({(part.path, part.kind): part for part in parts()}.values())


def parts(model: type[BaseModel] = UseCase, path: str = "", kind: str = "") -> Iterator[Part]:
    """The section and all below it, in the order of the file."""
    yield Part(path, model, kind)
    for name, hint in _hints(model).items():
        for below, inner in _models(hint):
            of = inner.model_fields.get("type")
            yield from parts(inner, f"{path}.{name}{below}".lstrip("."), str(get_args(of.annotation)[0]) if of else "")


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring below each field, base classes included."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for field, text in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                found[field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def command_line_page() -> str:
    """Every command with its arguments."""
    root = parser()
    (commands,) = (action for action in root._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    helps = {choice.dest: choice.help or "" for choice in commands._choices_actions}  # noqa: SLF001
    intro = (
        "Every command of `evergreen`. Exit status: 0 done, 1 wrong, 3 nothing to do, 75 try again later, 130 Ctrl-C."
    )
    shown = [_command(name, helps[name], commands.choices[name]) for name in sorted(helps)]
    return "\n\n".join([GENERATED, "# Reference: the command line", intro, *shown]) + "\n"


def _section(part: Part) -> str:
    title = f"`{part.path}`" if part.path else "The file"
    heading = f"## {title}{f', type `{part.kind}`' if part.kind else ''}"
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    said = meanings(part.model)
    for name, hint in _hints(part.model).items():
        field = part.model.model_fields[name]
        inner = list(_models(hint))
        meaning = said.get(name) or (_first(inner[0][1]) if inner else "")
        cells = (f"`{name}`", _kind(hint) + _limits(field), _default(field), meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n\n".join([heading, inspect.cleandoc(part.model.__doc__ or ""), "\n".join(lines)])


def _first(model: type[BaseModel]) -> str:
    """The first paragraph of a section's docstring, in one line."""
    return " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].split())


def _hints(model: type[BaseModel]) -> dict[str, Any]:
    """The types as written, of the fields that a person may write."""
    hints = get_type_hints(model, include_extras=True)
    hidden = {name for name, field in model.model_fields.items() if "SkipJsonSchema" in repr(field.metadata)}
    return {name: hints[name] for name in model.model_fields if name not in hidden}


def _models(hint: Any, below: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """The sections in a type, each with what its path has after the key: `.<name>` in a mapping, `[]` in a list."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield below, hint
    below += {dict: ".<name>", tuple: "[]"}.get(get_origin(hint), "")
    for argument in get_args(hint):
        yield from _models(argument, below)


def _kind(hint: Any) -> str:
    for known, word in _KINDS:
        if hint == known:
            return word
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"mapping of {_kind(arguments[0])} to {_kind(arguments[1])}"
    if arguments:
        kinds = dict.fromkeys(_kind(one) for one in arguments if one is not NoneType)
        return " or ".join(kinds)
    return _PLAIN.get(hint, "section")


def _limits(field: FieldInfo) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    limits = [
        f"{said} {_written(getattr(limit, name))}"
        for name, said in words.items()
        for limit in field.metadata
        if getattr(limit, name, None) is not None
    ]
    return f"; {', '.join(dict.fromkeys(limits))}" if limits else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    if field.default_factory not in (None, dict):
        return "see the meaning"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        given = value.model_dump(mode="json", exclude_defaults=True)
        return f"`{json.dumps(given)}`" if given else "its defaults"
    return "none" if value in (None, "", (), {}) else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        return base.format_duration(value) if value else "0s"
    if isinstance(value, str):
        return value
    return json.dumps(value)


def _command(name: str, said: str, command: argparse.ArgumentParser) -> str:
    command.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=WIDTH)
    lines = ["| argument | meaning |", "|---|---|"]
    for action in command._actions:  # noqa: SLF001
        if isinstance(action, argparse._HelpAction):  # noqa: SLF001
            continue
        value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        flags = [f"{flag} {value}" if action.nargs != 0 else flag for flag in action.option_strings] or [action.dest]
        words = (action.help or "").replace("|", "\\|") % {"default": action.default, "prog": command.prog}
        chosen = f"One of {', '.join(f'`{one}`' for one in action.choices)}." if action.choices else ""
        lines.append(f"| {', '.join(f'`{flag}`' for flag in flags)} | {' '.join(filter(None, (words, chosen)))} |")
    usage = f"```\n{command.format_usage().removeprefix('usage: ').rstrip()}\n```"
    table = ["\n".join(lines)] if len(lines) > 2 else []
    return "\n\n".join([f"## evergreen {name}", said[:1].upper() + said[1:] + ".", usage, *table])


def stale(folder: Path) -> list[str]:
    """The pages that no longer say what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str]) -> int:
    """Write the pages into the folder, or only look whether they are up to date; the exit status."""
    given = argparse.ArgumentParser()
    given.add_argument("folder", type=Path)
    given.add_argument("--check", action="store_true")
    wanted = given.parse_args(arguments)
    if not wanted.check:
        wanted.folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (wanted.folder / name).write_text(text, encoding="utf-8")
    for name in (old := stale(wanted.folder)):
        print(f"`{wanted.folder / name}` is stale. Run `make reference` and commit it.", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

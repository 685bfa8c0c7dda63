"""The shortest use case, and what the loader says of a file."""

from __future__ import annotations

import pytest

from evergreen.spec import SpecError, parse_use_case

SHORTEST = """\
name: churn
task: binary
key: [customer]
target:
  column: left
  positive: true
sources:
  customers:
    type: files
    path: "{landing}/customers/*.csv"
    key: [customer]
"""


def said(text: str) -> list[str]:
    """Every problem of a use case's text, as `line: key: words`."""
    with pytest.raises(SpecError) as error:
        parse_use_case(text)
    return [str(problem).removeprefix("use_case.yaml:") for problem in error.value.problems]


def only(text: str) -> str:
    """The one problem of a use case's text."""
    problems = said(text)
    assert len(problems) == 1, problems
    return problems[0]

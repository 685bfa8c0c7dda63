"""The use case's expectations as Great Expectations understands them, and what is wrong with them."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass
from typing import Any

from evergreen.errors import PermanentError, bounded
from evergreen.spec import UseCase
from evergreen.spec.load import did_you_mean

_OURS = {"id", "meta", "rendered_content", "windows", "batch_id", "result_format", "catch_exceptions"}
_SQL_ONLY = {"expect_query_results_to_match_comparison", "expect_table_row_count_to_equal_other_table"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation of the use case; `name` is what reasons and messages call it."""

    expectation: str
    arguments: dict[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        single = [self.arguments[name] for name in ("column", "column_A", "column_B") if name in self.arguments]
        return tuple(str(name) for name in [*single, *self.arguments.get("column_list", ())])

    @property
    def name(self) -> str:
        """`expect_column_values_to_not_be_null: origin`."""
        return f"{self.expectation}: {', '.join(self.columns)}" if self.columns else self.expectation


def rules_of(use_case: UseCase) -> tuple[Rule, ...]:
    """The use case's rules, in its order."""
    return tuple(Rule(name, dict(given)) for item in use_case.quality.expectations for name, given in item.items())


def check(use_case: UseCase) -> list[str]:
    """What is wrong with the use case's expectations, as sentences: unknown names, unknown or unfitting arguments.

    Imports Great Expectations (seconds) only when there are expectations.
    """
    problems = []
    for index, rule in enumerate(rules_of(use_case)):
        problems += [f"quality.expectations[{index}] {problem}" for problem in _problems(rule)]
    return problems


def build(use_case: UseCase, columns: list[str]) -> list[Any]:
    """The Great Expectations objects of the use case's rules, in order, each with its index in `meta`.

    `columns` are the table's. Raises PermanentError naming everything wrong.
    """
    rules = rules_of(use_case)
    problems = check(use_case)
    problems += [
        f"quality.expectations[{index}] {rule.expectation}: there is no column `{name}`{did_you_mean(name, columns)}"
        for index, rule in enumerate(rules)
        for name in rule.columns
        if name not in columns
    ]
    if problems:
        raise PermanentError(bounded(problems, 10))
    kinds = known_expectations()
    return [kinds[rule.expectation](**rule.arguments, meta={"rule": index}) for index, rule in enumerate(rules)]


def load() -> Any:
    """Great Expectations, quiet: no lines in the task's log for every metric, nothing sent to anyone."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports modules that Python has deprecated
        import great_expectations
        import great_expectations.expectations
    return great_expectations


def known_expectations() -> dict[str, Any]:
    """Every expectation of Great Expectations that can be asked of a table, by name."""
    load()
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    names = list_registered_expectation_implementations()
    return {name: get_expectation_impl(name) for name in names if name.startswith("expect_") and name not in _SQL_ONLY}


def _problems(rule: Rule) -> list[str]:
    from pydantic.v1 import ValidationError

    kinds = known_expectations()
    if rule.expectation not in kinds:
        return [f"{rule.expectation}: Great Expectations has no such expectation{_close(rule.expectation, kinds)}"]
    kind = kinds[rule.expectation]
    allowed = sorted(set(kind.__fields__) - _OURS)
    unknown = [name for name in rule.arguments if name not in allowed]
    if unknown:
        return [f"{rule.expectation}: unknown argument `{name}`{did_you_mean(name, allowed)}" for name in unknown]
    try:
        kind(**rule.arguments)
    except ValidationError as error:
        first: dict[str, str] = {}
        for item in error.errors():
            first.setdefault(".".join(str(part) for part in item["loc"]).replace("__root__", ""), item["msg"])
        return [f"{rule.expectation}{f'.{place}' if place else ''}: {said}" for place, said in first.items()]
    except (TypeError, ValueError) as error:
        return [f"{rule.expectation}: {error}"]
    return []


def _close(word: str, names: dict[str, Any]) -> str:
    """`; did you mean …?`, without the list of all sixty."""
    return did_you_mean(word, names).split("allowed are")[0].rstrip("; ")

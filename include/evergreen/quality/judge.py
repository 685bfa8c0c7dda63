"""Ask Great Expectations which rows keep the rules."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from evergreen.errors import PermanentError
from evergreen.quality.rules import Rule, build, load, rules_of
from evergreen.spec import UseCase

_POSITION = "_position"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule fared. `failing` are the positions of rows that break it; no values anywhere.

    `held`: the rule's verdict, with `mostly` taken into account. `by_row`: single rows can be blamed. `still`: the
    positions of rows that were in quarantine and break it; no `mostly` tolerates those, nor do they count for it.
    """

    rule: Rule
    held: bool
    by_row: bool
    failing: tuple[int, ...]
    still: tuple[int, ...] = ()

    @property
    def unexpected(self) -> tuple[int, ...]:
        """Positions of all rows that break it."""
        return (*self.failing, *self.still)

    @property
    def quarantined(self) -> tuple[int, ...]:
        """Positions of rows to quarantine: where the rule held, `mostly` tolerates those that break it."""
        return self.still if self.held else self.unexpected


def judge(use_case: UseCase, rows: pl.DataFrame) -> list[RuleResult]:
    """Every rule's result over `rows` (the table's own columns), in the use case's order.

    Raises PermanentError when a rule is not known, or can't be asked of these columns.
    """
    expectations = build(use_case, rows.columns)
    gx = load()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # the index, not a column of our own, says which row: rules about the table's columns see them as they are
    frame = rows.to_pandas()
    asset = context.data_sources.add_pandas(f"rows-{uuid.uuid4().hex[:8]}").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("run").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name=use_case.name, expectations=expectations)
    answer = batch.validate(suite, result_format={"result_format": "COMPLETE", "include_unexpected_rows": False})
    # answers come in an order of their own
    by_rule = {result.expectation_config.meta["rule"]: result for result in answer.results}
    return [_result(rule, by_rule[index]) for index, rule in enumerate(rules_of(use_case))]


def together(fresh: Sequence[RuleResult], before: Sequence[RuleResult], first: int) -> list[RuleResult]:
    """The results over this run's rows, with those over the rows in quarantine, which come from position `first` on.

    Either may be missing. What is asked of all rows together is asked of this run's only.
    """
    still = [tuple(position + first for position in result.failing) for result in before]
    fresh = fresh or [replace(result, held=True, failing=()) for result in before]
    return [replace(result, still=rows) for result, rows in zip(fresh, still, strict=True)] if still else list(fresh)


def _result(rule: Rule, result: Any) -> RuleResult:
    raised = _raised(result.exception_info)
    if raised is not None:
        raise PermanentError(
            f"quality: {rule.name} can't be asked of this table ({raised}); do its arguments fit the column's type?"
        )
    failing = result.result.get("unexpected_index_list")
    by_row = failing is not None or "unexpected_count" in result.result
    return RuleResult(rule, bool(result.success), by_row, tuple(int(position) for position in failing or ()))


def _raised(info: Any) -> str | None:
    """The type of the exception a rule ended with, if any; its message may hold values."""
    if not info:
        return None
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            lines = str(entry.get("exception_traceback") or "").strip().splitlines()
            return lines[-1].split(":")[0].rsplit(".", 1)[-1] if lines else "error"
    return None

"""What one part of the file says about another: sources that exist, sections that need each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from evergreen.spec.extras import missing_extra
from evergreen.spec.hints import did_you_mean
from evergreen.spec.promises import check_promotion
from evergreen.spec.sources import FilesSource, RestSource, SqlSource
from evergreen.spec.training import CLASSIFIERS
from evergreen.spec.use_case import UseCase

Wrong = tuple[tuple[Any, ...], str]
_NO_KEY = {"drop": "dropped", "mask": "masked"}
"""What leaves nothing of a column by which rows could be told from one another."""


def check_references(use_case: UseCase) -> Iterator[Wrong]:
    """Every wrong reference within the file, as (key path, sentence)."""
    wrong_base = list(_base(use_case))
    yield from wrong_base
    if not wrong_base:  # without a base nothing can be said of what is joined to it
        yield from _keys(use_case)
        yield from _prepare(use_case)
    yield from _sources(use_case)
    yield from _time(use_case)
    yield from _task(use_case)
    yield from check_promotion(use_case)


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _no_source(name: str, use_case: UseCase) -> str:
    return f"there is no source `{name}`{did_you_mean(name, use_case.sources)}"


def _outcomes(use_case: UseCase) -> list[str]:
    return [name for name, source in use_case.sources.items() if source.role == "outcome"]


def _base(use_case: UseCase) -> Iterator[Wrong]:
    base, outcomes = use_case.prepare.base, _outcomes(use_case)
    data = [name for name in use_case.sources if name not in outcomes]
    if not data:
        yield ("sources",), "there has to be a source that is not the outcome"
    elif base is None and len(data) > 1:
        said = f"`base` is missing; with several sources say which one's rows are the table: {_named(data)}"
        yield ("prepare",), said
    elif base is not None and base not in use_case.sources:
        yield ("prepare", "base"), _no_source(base, use_case)
    elif base in outcomes:
        yield ("prepare", "base"), f"`{base}` is the outcome, which brings only the target; allowed are {_named(data)}"


def _keys(use_case: UseCase) -> Iterator[Wrong]:
    for name in dict.fromkeys((use_case.base, *_outcomes(use_case))):
        key = use_case.sources[name].key
        if key and set(key) != set(use_case.key):
            yield ("sources", name, "key"), f"has to be the use case's key, {_named(use_case.key)}"
        elif not key:
            yield ("sources", name), f"needs `key: [{', '.join(use_case.key)}]`, as the base or the outcome"


def _sources(use_case: UseCase) -> Iterator[Wrong]:
    for other in _outcomes(use_case)[1:]:
        first = _outcomes(use_case)[0]
        yield ("sources", other, "role"), f"only one source can be the outcome; `{first}` is one already"
    for name, source in use_case.sources.items():
        if isinstance(source, SqlSource) and (source.table is None) == (source.query is None):
            yield ("sources", name), "give either `table` or `query`"
        for column, kind in source.personal.items():
            if kind in _NO_KEY and column in source.key:
                said = f"is in the key and can't be {_NO_KEY[kind]}; pseudonymise it"
                yield ("sources", name, "personal", column), said


def _prepare(use_case: UseCase) -> Iterator[Wrong]:
    base = use_case.base
    for index, join in enumerate(use_case.prepare.join):
        at: tuple[Any, ...] = ("prepare", "join", index)
        if join.source not in use_case.sources:
            yield (*at, "source"), _no_source(join.source, use_case)
            continue
        source = use_case.sources[join.source]
        if join.source == base:
            yield (*at, "source"), "is the base itself"
        if source.role == "outcome":
            yield (*at, "source"), "is the outcome; it is joined by itself and brings only the target"
        if not join.static and join.as_of is None:
            yield at, "say `as_of: <time column>`, or `static: true` for rows that do not depend on time"
        if join.static and (join.as_of is not None or join.tolerance is not None):
            yield at, "`static` ignores time; leave out `as_of` and `tolerance`"
        if not join.static and use_case.predict is None:
            yield at, "an `as_of` join needs `predict:`, which says when a row is predicted"
        if join.static and not source.key:
            yield at, f"a static join needs `key` on source `{join.source}`"
    yield from _unused(use_case)


def _unused(use_case: UseCase) -> Iterator[Wrong]:
    joined = {join.source for join in use_case.prepare.join}
    for name, source in use_case.sources.items():
        if name not in joined and name != use_case.base and source.role != "outcome":
            yield ("sources", name), "is used nowhere; join it under `prepare`, or take it out"


def _time(use_case: UseCase) -> Iterator[Wrong]:
    split = use_case.training.split
    if split.by == "time" and use_case.event_time is None:
        yield ("training", "split", "by"), "`time` needs `event_time`; without it rows are split by `hash`"
    if split.test is not None and (use_case.split_by == "time") == isinstance(split.test, float):
        wanted = "a duration such as 14d" if use_case.split_by == "time" else "a share such as 0.2"
        yield ("training", "split", "test"), f"with a split by {use_case.split_by} it has to be {wanted}"
    if split.folds_by == "time" and use_case.event_time is None:
        yield ("training", "split", "folds_by"), "`time` needs `event_time`; `stratified`, `random` and `hash` do not"
    if split.folds_by == "group" and split.group is None:
        yield ("training", "split", "folds_by"), "`group` needs `training.split.group`, the column that says the group"
    if split.method == "repeated" and use_case.folds_by in {"time", "hash"}:
        said = f"folds by {use_case.folds_by} are the same every time; `repeated` needs another `folds_by`"
        yield ("training", "split", "method"), said
    if split.gap and "time" not in {use_case.split_by, use_case.folds_by}:
        yield ("training", "split", "gap"), "needs rows split by time, and so `event_time`"
    if split.method == "holdout" and use_case.training.prefer != "accuracy":
        said = f"`{use_case.training.prefer}` compares models fold by fold, and `holdout` has one; take `kfold`"
        yield ("training", "prefer"), said
    block = use_case.promotion.block
    if block in {"day", "week"} and use_case.event_time is None:
        yield ("promotion", "block"), f"`{block}` needs `event_time`; use `row` or a column"
    if use_case.serving.lookup == "latest" and not use_case.prepare.join:
        yield ("serving", "lookup"), "there is nothing to look up without `prepare.join`"


def _task(use_case: UseCase) -> Iterator[Wrong]:
    metric = use_case.training.metric
    if metric is not None and metric not in use_case.task.metrics:
        yield ("training", "metric"), f"task {use_case.task} allows {_named(use_case.task.metrics)}"
    yield from _costs(use_case)
    yield from _search(use_case)
    for index, candidate in enumerate(use_case.training.candidates):
        missing = missing_extra(candidate)
        if missing is not None:
            yield ("training", "candidates", index), missing
        elif not use_case.task.has_classes and candidate in CLASSIFIERS:
            yield ("training", "candidates", index), f"`{candidate}` learns classes and can't do a regression"
    if use_case.target.positive is not None and use_case.task.refusals.positive:
        yield ("target", "positive"), use_case.task.refusals.positive
    for name, source in use_case.sources.items():
        if (
            isinstance(source, RestSource | FilesSource)
            and source.role == "outcome"
            and use_case.target.column in source.key
        ):
            yield ("sources", name, "key"), "the target can't be part of the key"


def _search(use_case: UseCase) -> Iterator[Wrong]:
    search = use_case.training.search
    if search.strategy == "grid" and not search.grid:
        yield ("training", "search", "strategy"), "`grid` needs `training.search.grid`: candidate, parameter, values"
    if use_case.task.refusals.imbalance and use_case.training.imbalance != "none":
        yield ("training", "imbalance"), use_case.task.refusals.imbalance
    for name in search.grid:
        if name not in use_case.training.candidates:
            yield ("training", "search", "grid", name), "is not among `training.candidates`"


def _costs(use_case: UseCase) -> Iterator[Wrong]:
    costs = use_case.training.costs
    if costs is None:
        if use_case.training.metric == "cost":
            yield ("training", "metric"), "`cost` needs `training.costs`, which say what a wrong answer costs"
        if use_case.training.imbalance == "cost_weight":
            yield ("training", "imbalance"), "`cost_weight` needs `training.costs`, which say what a wrong answer costs"
        return
    refused = use_case.task.costs_refused(costs.model_fields_set)
    if refused is not None:
        cell, why = refused
        yield ("training", "costs", *((cell,) if cell else ())), why

"""The columns a use case names of a source: without them nothing after works, so they are looked for at the door."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from evergreen.ingest.errors import did_you_mean, quoted

if TYPE_CHECKING:
    from evergreen.spec import UseCase


def missing_columns(use_case: UseCase, source: str, there: Collection[str]) -> list[str]:
    """One sentence for each named column that is not there."""
    return [
        f"{use_case.name}.{source}: there is no column `{column}`, which `{place}` names"
        f"{did_you_mean(column, there)}; there are {quoted(there)}"
        for column, place in named_columns(use_case, source).items()
        if column not in there
    ]


def named_columns(use_case: UseCase, source: str) -> dict[str, str]:
    """Column to the first place in the YAML that names it."""
    named: dict[str, str] = {}
    for column, place in (*_in_source(use_case, source), *_elsewhere(use_case, source)):
        named.setdefault(column, place)
    return named


def _in_source(use_case: UseCase, source: str) -> Iterator[tuple[str, str]]:
    spec = use_case.sources[source]
    incremental = getattr(spec, "incremental", None)
    named = {
        "key": spec.key,
        "order_by": [spec.order_by] if spec.order_by is not None else [],
        "available_at": [spec.available_at.column] if spec.available_at is not None else [],
        "incremental": [incremental.by] if incremental is not None else [],
        "personal": spec.personal,
        "types": spec.types,
    }
    for section, columns in named.items():
        yield from ((column, f"sources.{source}.{section}") for column in columns)


def _elsewhere(use_case: UseCase, source: str) -> Iterator[tuple[str, str]]:
    for n, join in enumerate(use_case.prepare.join):
        if join.source == source:
            named = (*join.on, *([join.as_of] if join.as_of else []), *join.columns)
            yield from ((column, f"prepare.join[{n}]") for column in named)
    if source == use_case.base:
        if use_case.event_time is not None:
            yield use_case.event_time, "event_time"
        if use_case.predict is not None:
            yield use_case.predict.at, "predict.at"
    if source == (use_case.outcome or use_case.base) and use_case.target.expression is None:
        yield use_case.target.column, "target.column"

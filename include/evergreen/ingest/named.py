"""The columns a use case names of a source: without them nothing after works, so they are looked for at the door."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from .errors import did_you_mean, quoted

if TYPE_CHECKING:
    from ..spec import UseCase


def named_columns(use_case: UseCase, source: str) -> dict[str, str]:
    """Column to the place in the YAML that names it."""
    spec = use_case.sources[source]
    at = f"sources.{source}"
    named: dict[str, str] = {}
    for column in spec.key:
        named.setdefault(column, f"{at}.key")
    if spec.order_by is not None:
        named.setdefault(spec.order_by, f"{at}.order_by")
    if spec.available_at is not None:
        named.setdefault(spec.available_at.column, f"{at}.available_at")
    incremental = getattr(spec, "incremental", None)
    if incremental is not None:
        named.setdefault(incremental.by, f"{at}.incremental")
    for column in spec.personal:
        named.setdefault(column, f"{at}.personal")
    for column in spec.types:
        named.setdefault(column, f"{at}.types")
    for n, join in enumerate(use_case.prepare.join):
        if join.source == source:
            for column in (*join.on, *([join.as_of] if join.as_of else []), *join.columns):
                named.setdefault(column, f"prepare.join[{n}]")
    if source == use_case.base:
        for column, place in (
            (use_case.event_time, "event_time"),
            (use_case.predict and use_case.predict.at, "predict.at"),
        ):
            if column:
                named.setdefault(column, place)
    if source == (use_case.outcome or use_case.base) and use_case.target.expression is None:
        named.setdefault(use_case.target.column, "target.column")
    return named


def missing_columns(use_case: UseCase, source: str, there: Collection[str]) -> list[str]:
    """One sentence for each named column that is not there."""
    sentences = []
    for column, place in named_columns(use_case, source).items():
        if column not in there:
            sentences.append(
                f"{use_case.name}.{source}: there is no column `{column}`, which `{place}` names"
                f"{did_you_mean(column, there)}; there are {quoted(there)}"
            )
    return sentences

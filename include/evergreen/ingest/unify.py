"""Put the rows of several files under each other, whatever types each of them has."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from evergreen.ingest.parsed import Parsed
from evergreen.ingest.types import cast, plain_type


def unify(parsed: Sequence[Parsed]) -> tuple[pl.DataFrame, bool]:
    """One frame over all columns, and whether its columns are text that waits for a type.

    Where files disagree on a column's type, whole and fractional numbers become numbers, all else becomes text.
    """
    untyped = any(file.untyped for file in parsed)
    frames = [file.frame for file in parsed]
    kinds: dict[str, list[pl.DataType]] = {}
    for frame in frames:
        for name, kind in frame.schema.items():
            kinds.setdefault(name, []).append(kind)
    target = {name: pl.String() if untyped else _common(found) for name, found in kinds.items()}
    even = [_with_types(frame, target) for frame in frames]
    return pl.concat(even, how="vertical"), untyped


def _common(kinds: list[pl.DataType]) -> pl.DataType:
    found = [kind for kind in kinds if kind != pl.Null]
    if not found:
        return pl.Null()
    if all(kind == found[0] for kind in found):
        return found[0]
    plain = [plain_type(kind) for kind in found]
    if all(kind == plain[0] for kind in plain):
        return plain[0]
    return pl.Float64() if all(kind.is_numeric() for kind in plain) else pl.String()


def _with_types(frame: pl.DataFrame, target: dict[str, pl.DataType]) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in target.items() if name not in frame.columns]
    changed = [cast(name, kind, target[name]) for name, kind in frame.schema.items() if kind != target[name]]
    return frame.with_columns(*missing, *changed).select(list(target))

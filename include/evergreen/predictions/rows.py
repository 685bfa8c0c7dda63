"""A prediction as it is kept, and how predictions get their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from evergreen.hashing import text_hash
from evergreen.table import TIME

Kind = Literal["request", "batch", "replayed"]
"""Asked for over HTTP; scored in batch before the fact; filled in afterwards for rows nobody scored in time."""

COLUMNS: dict[str, pl.DataType] = {
    "prediction_id": pl.String(),
    "use_case": pl.String(),
    "key": pl.String(),
    "at": TIME,
    "data_time": TIME,
    "made_at": TIME,
    "release": pl.Int64(),
    "model_version": pl.Int64(),
    "dataset_version": pl.Int64(),
    "kind": pl.String(),
    "features_hash": pl.String(),
    "prediction": pl.String(),
    "probability": pl.Float64(),
    "probabilities": pl.String(),
    "features": pl.String(),
}
"""Columns of the store and their Polars types; `probabilities` and `features` are JSON objects."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One stored prediction.

    `key` is `hashing.key_texts` of the row; `at` the moment it is for (None without time); `data_time` what the data
    knew, `made_at` the real time it was made; `features_hash` the table's `_row` or the same hash of a request's row;
    `prediction` the value as text (`true`, `late`, `3.5`); `probability` of the positive class (binary),
    `probabilities` by class (multiclass); `features` the request's row, anonymised, when it was wanted.
    """

    prediction_id: str
    use_case: str
    key: str
    at: datetime | None
    data_time: datetime | None
    made_at: datetime
    release: int
    model_version: int
    dataset_version: int | None
    kind: Kind
    features_hash: str
    prediction: str
    probability: float | None
    probabilities: dict[str, float] | None
    features: dict[str, Any] | None


def request_id(now: datetime, entropy: bytes) -> str:
    """A UUID version 7 in hex with dashes: `now` in milliseconds, then random bits from ten bytes of `entropy`."""
    value = int(now.timestamp() * 1000) << 80 | int.from_bytes(entropy[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def batch_ids(use_case: str, release: int, kind: Kind, keys: Sequence[str]) -> pl.Series:
    """Ids that are the same whenever the same rows are scored by the same release, so a second run adds nothing."""
    ids = [text_hash(f"{use_case}\x1f{release}\x1f{kind}\x1f{key}") for key in keys]
    return pl.Series("prediction_id", ids, dtype=pl.String)

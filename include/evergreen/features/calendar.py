"""Hours, weekdays and months out of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

_DAY = np.timedelta64(1, "D")


class CalendarParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns columns of `datetime64` (UTC) into one float column a part: NaN where the time is missing.

    Parts: `hour` (with its fraction: 13.5 is half past one), `weekday` (Monday is 0), `month` (1 to 12), `day` (1 to
    31), `dayofyear` (1 to 366), `year`, `elapsed` (days since 1970, with their fraction). Nothing is estimated from
    data.
    """

    def __init__(self, parts: Sequence[str] = ("hour", "weekday", "month")) -> None:
        self.parts = parts

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Only remembers how many columns there are."""
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: Any) -> np.ndarray[Any, Any]:
        """`x`: n × c times; returns n × (c · parts) floats, the parts of a column side by side."""
        made = []
        for position in range(x.shape[1]):
            times = np.asarray(x.iloc[:, position] if hasattr(x, "iloc") else x[:, position], dtype="datetime64[us]")
            absent = np.isnat(times)
            times = np.where(absent, np.datetime64(0, "us"), times)
            for part in self.parts:
                values = _PARTS[part](times)
                values[absent] = np.nan
                made.append(values)
        return np.column_stack(made)

    def get_feature_names_out(self, names: Any = None) -> np.ndarray[Any, Any]:
        """`<column>_<part>`."""
        given = [f"x{i}" for i in range(self.n_features_in_)] if names is None else names
        return np.array([f"{name}_{part}" for name in given for part in self.parts], dtype=object)


def _hour(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    of_day = (times - times.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64)
    return np.asarray(of_day / 3600.0)


def _weekday(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    days = times.astype("datetime64[D]").astype(np.int64)
    return ((days + 3) % 7).astype(np.float64)  # 1970-01-01 was a Thursday


def _month(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (times.astype("datetime64[M]").astype(np.int64) % 12 + 1).astype(np.float64)


def _day(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray((times.astype("datetime64[D]") - times.astype("datetime64[M]")) / _DAY + 1, dtype=np.float64)


def _dayofyear(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray((times.astype("datetime64[D]") - times.astype("datetime64[Y]")) / _DAY + 1, dtype=np.float64)


def _year(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (times.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.float64)


def _elapsed(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(times.astype("datetime64[us]").astype(np.int64) / 86_400e6)


_PARTS = {
    "hour": _hour,
    "weekday": _weekday,
    "month": _month,
    "day": _day,
    "dayofyear": _dayofyear,
    "year": _year,
    "elapsed": _elapsed,
}

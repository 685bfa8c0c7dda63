"""Parts of times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evergreen.features.calendar import CalendarParts


def test_parts_agree_with_pandas() -> None:
    times = pd.DataFrame(
        {"t": pd.date_range("1967-12-30 13:37:11", periods=2000, freq="211h").astype("datetime64[us]")}
    )
    parts = ("hour", "weekday", "month", "day", "dayofyear")
    made = CalendarParts(parts).fit_transform(times)
    assert made[:, 0] == pytest.approx(times.t.dt.hour + times.t.dt.minute / 60 + times.t.dt.second / 3600)
    for column, part in enumerate(parts[1:], 1):
        assert made[:, column].tolist() == getattr(times.t.dt, part).tolist()


def test_a_missing_time_is_nan() -> None:
    times = pd.DataFrame({"t": pd.to_datetime(["2024-01-01T12:00", None]).astype("datetime64[us]")})
    made = CalendarParts().fit_transform(times)
    assert made[0].tolist() == [12.0, 0.0, 1.0]
    assert np.isnan(made[1]).all()
    assert CalendarParts().fit(times).get_feature_names_out(["t"]).tolist() == ["t_hour", "t_weekday", "t_month"]

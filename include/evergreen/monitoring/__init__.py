"""Watch the active model: how the rows have moved since it learned, and how well it does where labels have come."""

from evergreen.monitoring.errors import MonitoringError
from evergreen.monitoring.measure import measure
from evergreen.monitoring.measurement import ColumnDrift, MeasuredPerformance, Measurement
from evergreen.monitoring.window import in_window, judged_bounds, window_bounds

__all__ = [
    "ColumnDrift",
    "MeasuredPerformance",
    "Measurement",
    "MonitoringError",
    "in_window",
    "judged_bounds",
    "measure",
    "window_bounds",
]

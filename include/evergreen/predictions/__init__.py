"""What was predicted, when, for which row, by which release: the store that labels are later compared with."""

from evergreen.predictions.rows import COLUMNS, Kind, Prediction, batch_ids, request_id
from evergreen.predictions.store import PredictionStore

__all__ = ["COLUMNS", "Kind", "Prediction", "PredictionStore", "batch_ids", "request_id"]

"""The candidates by name; a new one is a file beside this one and a line here."""

from __future__ import annotations

from .base import Candidate
from .lightgbm import LightGbm
from .logistic_regression import LogisticRegression
from .random_forest import RandomForest
from .xgboost import XGBoost

CANDIDATES: dict[str, Candidate] = {
    candidate.name: candidate for candidate in (LogisticRegression(), RandomForest(), LightGbm(), XGBoost())
}

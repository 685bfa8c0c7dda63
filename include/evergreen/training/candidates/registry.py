"""The candidates by name; a new one is a file beside this one and a line here.

Their known-good configurations were chosen on the benchmark's development data only: the first is best on average, each
other one does well where those before it do not.
"""

from __future__ import annotations

from .balanced_ensembles import BalancedForest, EasyEnsemble
from .base import Candidate
from .baseline import Baseline
from .catboost import CatBoost
from .decision_tree import DecisionTree
from .extra_trees import ExtraTrees
from .hist_gradient_boosting import HistGradientBoosting
from .knn import NearestNeighbours
from .lightgbm import LightGbm
from .linear_svm import LinearSvm
from .logistic_regression import LogisticRegression
from .mlp import NeuralNetwork
from .random_forest import RandomForest
from .rule_list import RuleList
from .xgboost import XGBoost

CANDIDATES: dict[str, Candidate] = {
    candidate.name: candidate
    for candidate in (
        LightGbm(),
        CatBoost(),
        XGBoost(),
        HistGradientBoosting(),
        RandomForest(),
        ExtraTrees(),
        NeuralNetwork(),
        LogisticRegression(),
        LinearSvm(),
        NearestNeighbours(),
        DecisionTree(),
        RuleList(),
        BalancedForest(),
        EasyEnsemble(),
        Baseline(),
    )
}

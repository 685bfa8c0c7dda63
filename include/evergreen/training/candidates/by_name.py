"""The candidates by name; a new one is a file beside this one and a line here.

Their known-good configurations were chosen on the benchmark's development data only: the first is best on average, each
other one does well where those before it do not.
"""

from __future__ import annotations

from evergreen.training.candidates.balanced_ensembles import BalancedForest, EasyEnsemble
from evergreen.training.candidates.base import Candidate
from evergreen.training.candidates.baseline import Baseline
from evergreen.training.candidates.catboost import CatBoost
from evergreen.training.candidates.decision_tree import DecisionTree
from evergreen.training.candidates.extra_trees import ExtraTrees
from evergreen.training.candidates.hist_gradient_boosting import HistGradientBoosting
from evergreen.training.candidates.knn import NearestNeighbours
from evergreen.training.candidates.lightgbm import LightGbm
from evergreen.training.candidates.linear_svm import SupportVectorMachine
from evergreen.training.candidates.logistic_regression import LogisticRegression
from evergreen.training.candidates.mlp import NeuralNetwork
from evergreen.training.candidates.random_forest import RandomForest
from evergreen.training.candidates.rule_list import RuleList
from evergreen.training.candidates.xgboost import XGBoost

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
        SupportVectorMachine(),
        NearestNeighbours(),
        DecisionTree(),
        RuleList(),
        BalancedForest(),
        EasyEnsemble(),
        Baseline(),
    )
}

"""What is decided after a search: the mix, the calibration, the threshold, the choice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.features.calibrated import calibrated
from evergreen.features.fitting import LearningRows
from evergreen.features.predictor import Predictor
from evergreen.metrics.registry import metric_of
from evergreen.training.choose.calibration import choose_calibration
from evergreen.training.choose.greedy_weights import greedy_weights
from evergreen.training.choose.mix import Time, mixed
from evergreen.training.choose.options import Option
from evergreen.training.choose.preference import choose
from evergreen.training.choose.recipe import Recipe, recorded
from evergreen.training.choose.threshold import choose_threshold, expected_threshold
from evergreen.training.fit import fit_recipe as fitting
from evergreen.training.fit.fit_recipe import fit_recipe
from evergreen.training.imbalance.fitting import fit_balanced
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.out_of_fold import OutOfFold
from evergreen.training.trial.scored_codes import scored_codes

LINEAR = Configuration("logistic_regression", {"C": 1.0})
TREES = Configuration("lightgbm", {"n_estimators": 20, "num_leaves": 7})
COSTS = ", costs: {false_positive: 1, false_negative: 9}"


def test_a_mix_takes_what_helps_and_is_never_worse_than_the_best_alone() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=500)
    good, other = truth + rng.normal(size=500), truth + 1.1 * rng.normal(size=500)
    noise = 5 * rng.normal(size=500)

    def score(said: np.ndarray) -> float:
        return -float(((said - truth) ** 2).mean())

    weights = greedy_weights([good, other, noise], score, first=0)
    assert set(weights) == {0, 1}
    assert sum(weights.values()) == pytest.approx(1)
    assert score(weights[0] * good + weights[1] * other) > score(good)
    assert greedy_weights([truth, noise], score, first=0) == {0: 1.0}


def noise_alone(seed: int, folds: int) -> tuple[list[Option], LearningRows]:
    """Six trials that know nothing, the best first, on 400 rows in so many folds."""
    rng, use_case = np.random.default_rng(seed), hashed("binary")
    codes, places = rng.integers(0, 2, 400), np.array_split(np.arange(400), folds)
    trials = []
    for number in range(6):
        found = tuple(OutOfFold(fold, rng.uniform(size=len(fold))) for fold in places)
        scores = tuple(
            metric_of(use_case).value(scored_codes(use_case, codes[one.positions], one.shares, (0, 1))) for one in found
        )
        member = Configuration("lightgbm", {"n_estimators": number})
        trials.append(Option(((member, 1.0),), scores, 0.0, 1, 1.0, found))
    rows = LearningRows(None, codes, (0, 1), (), frozenset(), {})
    return sorted(trials, key=lambda one: -one.score), rows


@pytest.mark.parametrize("folds", [1, 3])
def test_a_mix_is_not_better_for_having_been_chosen_by_the_rows_it_is_judged_on(folds: int) -> None:
    use_case = hashed("binary")
    taken = 0
    for seed in range(8):
        singles, rows = noise_alone(seed, folds)
        taken += mixed(use_case, rows, singles, None, seed) is not None
    assert taken <= 2, "where there is nothing to learn, the best of six is chance, and so is what mixing adds"


def helping_each_other(seconds: list[float]) -> tuple[list[Option], LearningRows]:
    """Trials that know the same and err each for itself, the best first, as slow to fit as `seconds` say."""
    rng, use_case = np.random.default_rng(0), hashed("binary")
    codes = rng.integers(0, 2, 900)
    trials = []
    for number in range(len(seconds)):
        shares = np.clip(0.5 + (codes - 0.5) * 0.2 + rng.normal(scale=0.2, size=900), 0, 1)
        found = tuple(OutOfFold(fold, shares[fold]) for fold in np.array_split(np.arange(900), 3))
        scores = tuple(
            metric_of(use_case).value(scored_codes(use_case, codes[one.positions], one.shares, (0, 1))) for one in found
        )
        member = Configuration("lightgbm", {"n_estimators": number})
        trials.append(Option(((member, 1.0),), scores, 0.0, 1, 0.0, found))
    trials.sort(key=lambda one: -one.score)
    slow = [replace(one, seconds=took) for one, took in zip(trials, seconds, strict=True)]
    return slow, LearningRows(None, codes, (0, 1), (), frozenset(), {})


@pytest.mark.parametrize(
    ("time", "taken"),
    [
        (None, {0, 1, 2}),
        (Time(9, 1), {0, 1, 2}),
        (Time(5, 2), {0, 1, 2}),
        (Time(5, 1), {0, 2}),
        (Time(3, 2), {0, 2}),
        (Time(4, 1), set()),
    ],
)
def test_a_mix_is_of_what_can_be_fitted_in_time(time: Time | None, taken: set[int]) -> None:
    """The best takes 4 seconds and is fitted in any case, the second 4, the third 1."""
    singles, rows = helping_each_other([4.0, 4.0, 1.0])
    mix = mixed(hashed("binary"), rows, singles, time, 0)
    best_first = [one.members[0][0] for one in singles]
    assert {best_first.index(member) for member, _ in mix.members} == taken if mix else not taken


@pytest.mark.parametrize(("time", "order"), [(Time(20, 2), (1, 2, 0)), (None, (0, 1, 2))])
def test_against_the_clock_the_longest_is_fitted_first_and_else_no_clock_orders_the_recipe(
    time: Time | None, order: tuple[int, ...]
) -> None:
    """With one worker and a budget in trials the same rows and seed give the same recipe, however long fits take."""
    singles, rows = helping_each_other([1.0, 4.0, 2.0])
    mix = mixed(hashed("binary"), rows, singles, time, 0)
    assert mix is not None
    assert [member for member, _ in mix.members] == [singles[place].members[0][0] for place in order]


def said_and_was(power: float, number: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose probability is p, of which a model says p^power / (p^power + (1−p)^power): too sure above 1."""
    rng = np.random.default_rng(1)
    meant = rng.uniform(0.02, 0.98, number)
    said = meant**power / (meant**power + (1 - meant) ** power)
    return (rng.uniform(size=number) < meant).astype(np.int64), said


def test_probabilities_that_are_too_sure_are_calibrated_and_honest_ones_left_alone() -> None:
    codes, said = said_and_was(3.0)
    curve = choose_calibration(codes, said, seed=0)
    assert curve is not None
    assert curve["method"] == "platt"
    assert curve["curves"][0][0] == pytest.approx(1 / 3, abs=0.05)
    assert choose_calibration(*said_and_was(1.0), seed=0) is None


def test_a_bent_curve_is_isotonic_and_several_classes_add_up_to_one() -> None:
    rng = np.random.default_rng(2)
    said = rng.uniform(size=4000)
    codes = (rng.uniform(size=4000) < np.where(said < 0.5, 0.1, np.where(said < 0.8, 0.4, 0.45))).astype(np.int64)
    curve = choose_calibration(codes, said, seed=0)
    assert curve is not None
    assert curve["method"] == "isotonic"
    three = rng.dirichlet([1, 1, 1], size=900)
    curves = [[0.5, 0.1]] * 3
    assert calibrated(three, "platt", curves).sum(axis=1) == pytest.approx(np.ones(900))


def test_the_threshold_is_where_both_answers_cost_the_same() -> None:
    assert expected_threshold(timed()) == 0.5
    use_case = timed(training=COSTS)
    assert expected_threshold(use_case) == pytest.approx(0.1)
    assert choose_threshold(use_case, *said_and_was(1.0)) == pytest.approx(0.1)
    # probabilities that are ten times too small: the costs on the rows say otherwise than their size
    codes, said = said_and_was(1.0)
    assert choose_threshold(use_case, codes, said / 10) < 0.03


def option(scores: tuple[float, ...], latency: float, size: int) -> Option:
    return Option(((LINEAR, 1.0),), scores, latency, size, 1.0, ())


def test_the_choice_says_what_it_gave_up() -> None:
    best = option((0.80, 0.84, 0.82), 0.020, 9_000_000)
    near = option((0.79, 0.85, 0.81), 0.002, 4_000_000)
    tiny = option((0.78, 0.83, 0.82), 0.003, 1_000)
    poor = option((0.50, 0.51, 0.50), 0.001, 100)
    options = [near, best, tiny, poor]
    assert choose(options, "accuracy", "roc_auc", higher=True).option is best
    balanced = choose(options, "balanced", "roc_auc", higher=True)
    assert balanced.option is near
    assert balanced.said == (
        "roc_auc 0.81667 at 2.0 ms a row and 4.0 MB, instead of 0.82000 at 20.0 ms a row and 9.0 MB"
    )
    assert choose(options, "small", "roc_auc", higher=True).option is tiny


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_recorded_mix_is_made_again_and_saved_whole(task: str, tmp_path: Path) -> None:
    use_case, rows = timed(task), timed_rows(400, task=task)
    classes = {"binary": 1, "multiclass": 3, "regression": 0}[task]
    curve = {"method": "platt", "curves": [[0.8, 0.1]] * classes} if classes else None
    made = Recipe(((LINEAR, 0.25), (TREES, 0.75)), curve, 0.3)
    assert made.candidate == "ensemble"
    assert recorded(made.candidate, made.params) == made
    one, other = (fit_recipe(use_case, rows, recorded(made.candidate, made.params), 1, workers=n) for n in (1, 2))
    assert one.predict(rows).equals(other.predict(rows))
    one.save(tmp_path)
    assert Predictor.load(tmp_path).predict(rows).equals(one.predict(rows))
    if task == "binary":
        said = one.predict(rows)
        assert said["prediction"].to_list() == (said["probability"] >= 0.3).to_list()


@pytest.mark.parametrize("candidate", ["lightgbm", "random_forest", "xgboost"])
def test_a_model_alone_is_fitted_by_all_workers_and_predicts_with_one_thread(
    candidate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def noted(estimator: Any, *args: Any) -> Any:
        used.append(estimator.n_jobs)
        return fit_balanced(estimator, *args)

    monkeypatch.setattr(fitting, "fit_balanced", noted)
    use_case, rows = timed(), timed_rows(400)
    member = Configuration(candidate, {"n_estimators": 20})
    one, two = (fit_recipe(use_case, rows, Recipe(((member, 1.0),)), 1, workers=n) for n in (1, 2))
    fit_recipe(use_case, rows, Recipe(((member, 0.5), (TREES, 0.5))), 1, workers=2)
    assert used == [1, 2, 1, 1]
    assert two.pipeline[-1].n_jobs == 1
    assert two.predict(rows)["probability"].to_numpy() == pytest.approx(one.predict(rows)["probability"].to_numpy())


def test_a_member_with_features_of_its_own_does_not_wait_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2)

    def meet(*args: Any) -> Any:
        both.wait(timeout=20)
        return fit_balanced(*args)

    monkeypatch.setattr(fitting, "fit_balanced", meet)
    fit_recipe(timed(), timed_rows(400), Recipe(((LINEAR, 0.5), (TREES, 0.5))), 1, workers=2)


def test_what_was_done_about_rare_classes_is_recorded_and_done_again(tmp_path: Path) -> None:
    rows = hashed_rows(600)
    rows = rows.filter(pl.col("y") & (pl.int_range(600) % 8 == 0) | ~pl.col("y"))
    shares = {}
    for balance in ("none", "class_weight", "smote"):
        made = Recipe(((Configuration("logistic_regression", {"C": 1.0}, balance), 1.0),))
        assert recorded(made.candidate, made.params) == made
        shares[balance] = fit_recipe(hashed(), rows, made, 1).predict(rows)["probability"].mean()
    assert shares["none"] == pytest.approx(rows["y"].mean(), abs=0.02)
    assert min(shares["class_weight"], shares["smote"]) > 2 * shares["none"]
    mixed = Recipe(((Configuration("logistic_regression", {"C": 1.0}, "smote"), 0.5), (TREES, 0.5)))
    assert recorded(mixed.candidate, mixed.params) == mixed


def test_a_plain_winner_is_recorded_by_its_parameters_alone() -> None:
    assert Recipe(((LINEAR, 1.0),)).params == {"C": 1.0}
    assert recorded("logistic_regression", {"C": 1.0}) == Recipe(((LINEAR, 1.0),))


def test_a_model_saved_before_there_were_thresholds_says_yes_from_one_half_on(tmp_path: Path) -> None:
    rows = hashed_rows(200)
    fit_recipe(hashed(), rows, Recipe(((LINEAR, 1.0),), None, 0.9), 1).save(tmp_path)
    schema = tmp_path / "schema.json"
    schema.write_text(schema.read_text().replace(' "threshold": 0.9,\n', "").replace('"format": 2', '"format": 1'))
    said = Predictor.load(tmp_path).predict(rows)
    assert said["prediction"].equals(said.select(pl.col("probability") >= 0.5)["probability"].alias("prediction"))

"""What one part of the file says about another: each rule by the smallest file that breaks it."""

from __future__ import annotations

import pytest
from tests.unit.spec.kit import SHORTEST, only, said

from evergreen.spec import extras, parse_use_case
from evergreen.spec.training import Training

BASE = """\
name: churn
task: binary
key: [customer]
event_time: asked_at
predict: {at: asked_at, lead: 1h}
target: {column: left, positive: true}
sources:
  customers: {type: files, path: c.csv, key: [customer]}
  regions: {type: files, path: r.csv, key: [region]}
  leavers: {type: files, path: l.csv, key: [customer], role: outcome}
prepare:
  base: customers
  join:
    - {source: regions, on: [region], static: true}
"""


def change(old: str, new: str, text: str = BASE) -> str:
    assert old in text
    return text.replace(old, new)


def test_the_example_is_right() -> None:
    assert parse_use_case(BASE).outcome == "leavers"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # sources
        (
            "key: [region]}",
            "key: [region], role: outcome}",
            "10: sources.leavers.role: only one source can be the outcome; `regions` is",
        ),
        (
            "customers: {type: files, path: c.csv, key: [customer]}",
            "customers: {type: files, path: c.csv, key: [id]}",
            "8: sources.customers.key: has to be the use case's key, `customer`",
        ),
        (
            "path: c.csv, key: [customer]}",
            "path: c.csv}",
            "8: sources.customers: needs `key: [customer]`, as the base or the outcome",
        ),
        ("path: l.csv, key: [customer]", "path: l.csv", "10: sources.leavers: needs `key: [customer]`"),
        (
            "{type: files, path: r.csv, key: [region]}",
            "{type: sql, connection: db, key: [region]}",
            "9: sources.regions: give either `table` or `query`",
        ),
        (
            "{type: files, path: r.csv, key: [region]}",
            "{type: sql, connection: db, table: r, query: q, key: [region]}",
            "9: sources.regions: give either `table` or `query`",
        ),
        (
            "path: r.csv, key: [region]}",
            "path: r.csv, key: [region], personal: {region: drop}}",
            "9: sources.regions.personal.region: is in the key and can't be dropped; pseudonymise it",
        ),
        (
            "path: r.csv, key: [region]}",
            "path: r.csv, key: [region], personal: {region: mask}}",
            "9: sources.regions.personal.region: is in the key and can't be masked; pseudonymise it",
        ),
        # prepare
        ("  base: customers\n", "", "11: prepare: `base` is missing; with several sources say which one's rows"),
        (
            "base: customers",
            "base: custmers",
            "12: prepare.base: there is no source `custmers`; did you mean `customers`? allowed are",
        ),
        (
            "base: customers",
            "base: leavers",
            "12: prepare.base: `leavers` is the outcome, which brings only the target; allowed are",
        ),
        (
            "source: regions",
            "source: region",
            "14: prepare.join.0.source: there is no source `region`; did you mean `regions`?",
        ),
        (
            "static: true}",
            "static: true}\n    - {source: customers, on: [region], static: true}",
            "15: prepare.join.1.source: is the base itself",
        ),
        (
            "static: true}",
            "static: true}\n    - {source: leavers, on: [customer], static: true}",
            "15: prepare.join.1.source: is the outcome",
        ),
        (", static: true", "", "14: prepare.join.0: say `as_of: <time column>`, or `static: true`"),
        ("static: true", "static: true, tolerance: 1d", "14: prepare.join.0: `static` ignores time"),
        (
            "path: r.csv, key: [region]",
            "path: r.csv",
            "14: prepare.join.0: a static join needs `key` on source `regions`",
        ),
        ("  join:\n    - {source: regions, on: [region], static: true}\n", "", "9: sources.regions: is used nowhere"),
        # task
        ("task: binary", "task: regression", "6: target.positive: only a binary task has a positive class"),
        (
            "name: churn",
            "name: churn\ntraining: {metric: rmse}",
            "2: training.metric: task binary allows `roc_auc`, `pr_auc`",
        ),
        (
            "name: churn",
            "name: churn\ntraining: {metric: cost}",
            "2: training.metric: `cost` needs `training.costs`",
        ),
        (
            "name: churn",
            "name: churn\ntraining: {costs: {wrong: {a: {b: 2}}}}",
            "2: training.costs.wrong: a binary task has `false_positive` and `false_negative`",
        ),
        (
            "task: binary",
            "training: {candidates: [lightgbm, easy_ensemble]}\ntask: regression",
            "2: training.candidates.1: `easy_ensemble` learns classes and can't do a regression",
        ),
        # time
        (
            "name: churn",
            "name: churn\ntraining: {split: {test: 0.2}}",
            "2: training.split.test: with a split by time it has to be a duration such as 14d",
        ),
        (
            "name: churn",
            "name: churn\ntraining: {split: {by: hash, test: 14d}}",
            "2: training.split.test: with a split by hash it has to be a share such as 0.2",
        ),
    ],
)
def test_a_wrong_reference_names_its_line_and_what_is_allowed(old: str, new: str, words: str) -> None:
    text = change(old, new)
    assert any(line.startswith(words) for line in said(text)), said(text)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("training: {split: {by: time}}", "12: training.split.by: `time` needs `event_time`"),
        ("training: {split: {folds_by: time}}", "12: training.split.folds_by: `time` needs `event_time`"),
        ("training: {split: {folds_by: group}}", "12: training.split.folds_by: `group` needs `training.split.group`"),
        ("training: {split: {gap: 3d}}", "12: training.split.gap: needs rows split by time"),
        (
            "training: {split: {method: repeated, folds_by: hash}}",
            "12: training.split.method: folds by hash are the same every time",
        ),
        ("training: {search: {strategy: grid}}", "12: training.search.strategy: `grid` needs `training.search.grid`"),
        (
            "training: {candidates: [lightgbm], search: {grid: {xgboost: {max_depth: [3]}}}}",
            "12: training.search.grid.xgboost: is not among `training.candidates`",
        ),
        ("promotion: {block: day}", "12: promotion.block: `day` needs `event_time`; use `row` or a column"),
        ("promotion: {block: week}", "12: promotion.block: `week` needs `event_time`; use `row` or a column"),
        ("serving: {lookup: latest}", "12: serving.lookup: there is nothing to look up without `prepare.join`"),
    ],
)
def test_what_needs_time_or_joins_says_so_without_them(line: str, words: str) -> None:
    assert only(f"{SHORTEST}{line}\n").startswith(words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("invariance: [{columns: [left]}]", "invariance.0.columns.0: `left` is the target, which no model is given"),
        ("invariance: [{columns: [plan, customer]}]", "invariance.0.columns.1: `customer` is in the key"),
        ("direction: [{column: agge, by: 1, prediction: rises}]", "direction.0.column: no feature is made from `agge`"),
        (
            "examples: [{row: {plann: a}, expect: true}]",
            "examples.0.row.plann: no feature is made from `plann`; did you",
        ),
        ("examples: [{row: {plan: a}}]", "examples.0: say what the row must get"),
        ("examples: [{row: {plan: a}, at_least: 1, of: b}]", "examples.0.of: only a multiclass task has several"),
        ("direction: [{column: age, by: 0, prediction: rises}]", "direction.0.by:"),
        ("direction: [{column: age, by: 1, prediction: up}]", "direction.0.prediction:"),
    ],
)
def test_behavioural_tests_name_columns_that_a_model_is_given(line: str, words: str) -> None:
    features = "features: {numeric: {columns: [age]}, categorical: {columns: [plan]}}\n"
    found = only(f"{SHORTEST}{features}promotion: {{behaviour: {{{line}}}}}\n")
    assert found.startswith(f"13: promotion.behaviour.{words}"), found


def test_behavioural_tests_fit_the_task() -> None:
    shortest = SHORTEST.replace("  positive: true\n", "")
    many = shortest.replace("task: binary", "task: multiclass")
    number = shortest.replace("task: binary", "task: regression")
    rises = "promotion: {behaviour: {direction: [{column: age, by: 1, prediction: rises}]}}\n"
    assert "direction.0: say `of: <class>`" in only(many + rises)
    exact = "promotion: {behaviour: {examples: [{row: {age: 1}, expect: 3}]}}\n"
    assert "examples.0.expect: a number is hardly ever exact" in only(number + exact)
    calibrated = "promotion: {max_calibration_error: 0.05}\n"
    assert "max_calibration_error: a regression has no probabilities" in only(number + calibrated)


def test_costs_fit_the_task() -> None:
    shortest = SHORTEST.replace("  positive: true\n", "")
    many = shortest.replace("task: binary", "task: multiclass")
    assert "training.costs.false_negative: a multiclass task has `wrong" in only(
        f"{many}training: {{costs: {{false_negative: 2}}}}\n"
    )
    number = shortest.replace("task: binary", "task: regression")
    assert "training.imbalance: a regression has no classes" in only(f"{number}training: {{imbalance: smote}}\n")
    assert "training.imbalance: `cost_weight` needs `training.costs`" in only(
        f"{many}training: {{imbalance: cost_weight}}\n"
    )
    assert "training.costs: a regression has no right and wrong" in only(f"{number}training: {{costs: {{}}}}\n")


def test_a_candidate_whose_extra_is_not_installed_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    text = change("name: churn", "name: churn\ntraining: {candidates: [catboost]}")
    assert parse_use_case(text).training.candidates == ("catboost",)
    assert "catboost" in Training().candidates
    monkeypatch.setitem(extras.EXTRAS, "catboost", "no_such_package")
    assert only(text).startswith("2: training.candidates.0: candidate `catboost` needs a package that is not installed")
    assert "`make .venv/.installed-dev` installs it" in only(text)
    assert "catboost" not in Training().candidates


def test_a_join_by_time_needs_to_know_when_a_row_is_predicted() -> None:
    text = change("predict: {at: asked_at, lead: 1h}\n", "", change("static: true", "as_of: seen_at"))
    assert only(text) == "13: prepare.join.0: an `as_of` join needs `predict:`, which says when a row is predicted"


def test_an_outcome_alone_is_no_use_case() -> None:
    text = SHORTEST.replace("    type: files\n", "    type: files\n    role: outcome\n")
    assert only(text) == "7: sources: there has to be a source that is not the outcome"


def test_the_target_cannot_be_in_the_outcomes_key() -> None:
    text = BASE.replace("customer]", "customer, left]")
    assert "10: sources.leavers.key: the target can't be part of the key" in said(text)


def test_one_wrong_base_does_not_bring_a_crowd_of_other_complaints() -> None:
    assert len(said(change("base: customers", "base: custmers"))) == 1


def test_several_wrong_references_are_told_at_once() -> None:
    text = change("source: regions", "source: region", change("name: churn", "name: churn\npromotion: {block: day}"))
    problems = said(text.replace("event_time: asked_at\n", ""))
    assert len(problems) == 3
    assert [int(line.split(":", maxsplit=1)[0]) for line in problems] == [2, 9, 14]

"""What a challenger has to prove."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from tests.unit.evaluation.models import Says, judged, reason, taken, window_rows
from tests.unit.training.tables import timed, timed_rows

from evergreen.artifacts import GateDecision
from evergreen.errors import PermanentError
from evergreen.evaluation.gain import all_metrics, confidence_after, judge_gain
from evergreen.evaluation.gate import gate
from evergreen.evaluation.limits import judge_cpu, judge_size
from evergreen.evaluation.window import Window
from evergreen.features.fitting import fit
from evergreen.hashing import FileChanged
from evergreen.metrics.bootstrap import Resampling
from evergreen.spec import UseCase
from evergreen.tasks import MULTICLASS, REGRESSION
from evergreen.tasks.scored import Scored
from evergreen.training.candidates import CANDIDATES
from evergreen.training.fit.baselines import baseline


def promoting(said: str = "") -> UseCase:
    return timed(more=f"promotion: {{{said}}}")


def test_promise_6_a_challenger_that_is_clearly_better_passes(tmp_path: Path) -> None:
    found = judged(promoting(), window_rows(14, 100, 1, better=0.8), tmp_path)
    assert found.verdict == "pass"
    assert found.against == "release 3"
    assert found.dataset_version == 7
    assert found.metrics["challenger_roc_auc"] > found.metrics["champion_roc_auc"]
    assert 0 < found.metrics["difference_low"] < found.metrics["difference"] < found.metrics["difference_high"]
    assert found.metrics["challenger_roc_auc_low"] < found.metrics["challenger_roc_auc"]
    assert GateDecision.model_validate(found.model_dump(mode="json")) == found


def test_promise_6_a_challenger_that_is_no_better_fails_or_is_not_proven(tmp_path: Path) -> None:
    worse = judged(promoting(), window_rows(14, 100, 2, better=-0.6), tmp_path)
    assert (worse.verdict, reason(worse, "gain").passed) == ("fail", False)
    same = judged(promoting(), window_rows(14, 100, 2), tmp_path, challenger=Says("old"))
    assert (same.verdict, same.metrics["difference"]) == ("fail", 0.0)
    unsure = judged(promoting(), window_rows(14, 100, 1, better=0.05), tmp_path)
    assert (unsure.verdict, reason(unsure, "gain").passed) == ("not_enough_evidence", None)
    assert "too uncertain" in reason(unsure, "gain").text


def test_a_champion_that_can_not_answer_is_a_reason_and_decides_nothing(tmp_path: Path) -> None:
    rows = window_rows(14, 100, 1, better=0.8)
    found = judged(promoting(), rows, tmp_path, against="baseline", remark="release 3 can't answer")
    assert (reason(found, "champion").text, reason(found, "champion").passed) == ("release 3 can't answer", None)
    assert found.verdict == judged(promoting(), rows, tmp_path).verdict == "pass"


def test_intervals_stay_within_the_metric(tmp_path: Path) -> None:
    found = judged(promoting(), window_rows(7, 12, 1, better=3), tmp_path)
    for name in ("roc_auc", "accuracy", "brier", "log_loss"):
        assert 0 <= found.metrics[f"challenger_{name}_low"] <= found.metrics[f"challenger_{name}"]
    assert found.metrics["challenger_roc_auc_high"] == 1


def test_a_gain_below_the_minimum_effect_does_not_pass(tmp_path: Path) -> None:
    rows = window_rows(14, 400, 1, better=0.4)
    assert judged(promoting(), rows, tmp_path).verdict == "pass"
    assert judged(promoting("min_gain: {absolute: 0.3}"), rows, tmp_path).verdict == "fail"
    assert judged(promoting("min_gain: {relative: 50%}"), rows, tmp_path).verdict == "fail"


def test_promise_6_too_few_rows_blocks_or_classes_are_not_enough_evidence(tmp_path: Path) -> None:
    few = judged(promoting(), window_rows(14, 10, 1, better=3), tmp_path)
    assert (few.verdict, reason(few, "rows").passed) == ("not_enough_evidence", None)
    short = judged(promoting(), window_rows(3, 200, 1, better=3), tmp_path)
    assert short.verdict == "not_enough_evidence"
    assert "3 blocks (day); 7 are needed" in reason(short, "gain").text
    one = judged(promoting(), window_rows(14, 50, 1, better=3).with_columns(y=pl.lit(True)), tmp_path)
    assert (one.verdict, "not defined" in reason(one, "gain").text) == ("not_enough_evidence", True)
    none = judged(promoting(), window_rows(14, 50, 1)[:0], tmp_path)
    assert none.verdict == "not_enough_evidence"


def test_without_a_champion_the_baseline_stands_in(tmp_path: Path) -> None:
    rows = window_rows(14, 60, 1, better=1)
    found = judged(promoting(), rows, tmp_path, rival=Says("flat"), against="baseline")
    assert (found.verdict, found.against) == ("pass", "baseline")
    assert found.metrics["champion_roc_auc"] == 0.5


def test_a_first_challenger_has_to_say_more_than_the_clock(tmp_path: Path) -> None:
    rows = window_rows(14, 60, 1, better=1)
    season = SimpleNamespace(named_steps={"model": SimpleNamespace(season="hour")})
    found = {
        name: judged(promoting(), rows, tmp_path, rival=Says("flat"), seasonal=Says(name, pipeline=season))
        for name in ("old", "new")
    }
    assert (found["old"].verdict, found["new"].verdict) == ("pass", "fail")
    assert reason(found["old"], "season").text.startswith("The challenger is better than the baseline by hour: ")
    assert reason(found["new"], "season").passed is False, "just as good is not better"


def test_promise_6_a_slice_that_gets_clearly_worse_stops_a_challenger_that_is_better_overall(tmp_path: Path) -> None:
    rows = window_rows(14, 200, 1, better=1.5, groups=12)
    hurt = rows.with_columns(new=pl.when(pl.col("group") == "g2").then(1 - pl.col("new")).otherwise("new"))
    use_case = promoting("slices: [group]")
    assert judged(use_case, rows, tmp_path).verdict == "pass"
    found = judged(use_case, hurt, tmp_path)
    assert reason(found, "gain").passed is True
    assert (found.verdict, reason(found, "slices:group").passed) == ("fail", False)
    assert "g2" in reason(found, "slices:group").text


def test_slices_too_small_to_judge_are_counted_and_do_not_decide(tmp_path: Path) -> None:
    rows = window_rows(14, 100, 1, better=1.5, groups=300)
    found = judged(promoting("slices: [group]"), rows, tmp_path)
    assert (found.verdict, reason(found, "slices:group").passed) == ("pass", None)
    assert "Too small to judge" in reason(found, "slices:group").text


def test_fairness_compares_the_rates_of_positive_predictions(tmp_path: Path) -> None:
    rows = window_rows(14, 100, 1, better=1)
    use_case = promoting("fairness: {column: group, min_ratio: 0.8}")
    assert reason(judged(use_case, rows, tmp_path), "fairness:group").passed is True
    unfair = rows.with_columns(new=pl.when(pl.col("group") == "g1").then(pl.col("new") * 0.6).otherwise("new"))
    found = judged(use_case, unfair, tmp_path)
    assert (found.verdict, reason(found, "fairness:group").passed) == ("fail", False)
    assert "g1" in reason(found, "fairness:group").text


def test_latency_has_a_limit(tmp_path: Path) -> None:
    rows = window_rows(14, 60, 1, better=2)
    slow = judged(promoting("max_latency: 3ms"), rows, tmp_path)
    assert (slow.verdict, reason(slow, "latency").passed) == ("fail", False)
    assert slow.metrics["latency"] == 0.004
    assert judged(promoting("max_latency: 5ms"), rows, tmp_path).verdict == "pass"
    assert not [found for found in judged(promoting(), rows, tmp_path).reasons if found.check == "latency"]


def test_calibration_has_a_limit_and_may_be_unclear(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = window_rows(14, 300, 1, better=1)
    share = np.clip(rng.beta(2, 3, rows.height), 0.02, 0.98)
    happened, noise = pl.Series(rng.random(rows.height) < share), pl.Series(rng.permutation(share))
    right = rows.with_columns(y=happened, new=pl.Series(share), old=noise)
    found = judged(promoting("max_calibration_error: 0.03"), right, tmp_path)
    assert (found.verdict, reason(found, "calibration").passed) == ("pass", True)
    assert found.metrics["calibration"] < found.metrics["challenger_calibration_error"]
    off = right.with_columns(new=pl.col("new") * 0.8)
    wrong = judged(promoting("max_calibration_error: 0.03"), off, tmp_path)
    assert (wrong.verdict, reason(wrong, "calibration").passed) == ("fail", False)
    few = off.filter(pl.int_range(pl.len()) % 6 == 0).with_columns(old=pl.lit(0.5))
    measured = judged(promoting("max_calibration_error: 0.9"), few, tmp_path).metrics["calibration"]
    unsure = judged(promoting(f"max_calibration_error: {0.95 * measured:.4f}"), few, tmp_path)
    assert (unsure.verdict, reason(unsure, "calibration").passed) == ("not_enough_evidence", None)


def test_cpu_and_size_have_limits(tmp_path: Path) -> None:
    rows = timed_rows(300)
    model = fit(promoting(), rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    (small,) = judge_size(promoting("max_size: 50MB"), model)
    assert (small.check, small.passed) == ("size", True)
    assert 1000 < (small.value or 0) < 1e6
    assert judge_size(promoting("max_size: 1KB"), model)[0].passed is False
    assert judge_cpu(promoting("max_cpu: 10m"), model, rows)[0].passed is True
    assert judge_cpu(promoting("max_cpu: 0.001ms"), model, rows)[0].passed is False
    assert judge_cpu(promoting(), model, rows) == judge_size(promoting(), model) == []


def test_promise_6_a_better_challenger_that_takes_too_much_cpu_or_is_too_large_fails(tmp_path: Path) -> None:
    rows = timed_rows(900)
    model, plain = fit(promoting(), rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0), baseline(promoting(), rows)

    def found(said: str) -> GateDecision:
        return judged(promoting(said), rows, tmp_path, challenger=model, rival=plain)

    within = found("max_cpu: 10m, max_size: 50MB")
    assert (within.verdict, reason(within, "cpu").passed, reason(within, "size").passed) == ("pass", True, True)
    for check, said in (("cpu", "max_cpu: 0.001ms"), ("size", "max_size: 1KB")):
        over = found(said)
        assert (over.verdict, reason(over, "gain").passed, reason(over, check).passed) == ("fail", True, False)
        assert over.metrics[check] == reason(over, check).value


def test_promise_6_a_behavioural_test_that_fails_stops_a_better_challenger(tmp_path: Path) -> None:
    rows = window_rows(14, 100, 1, better=1)
    said = "behaviour: {invariance: [{columns: [%s], at_most: 0.01}]}"
    assert judged(promoting(said % "group"), rows, tmp_path).verdict == "pass"
    found = judged(promoting(said % "new"), rows, tmp_path)
    assert reason(found, "gain").passed is True
    assert (found.verdict, reason(found, "behaviour:invariance:1").passed) == ("fail", False)


def test_promise_6_a_window_used_again_asks_for_more(tmp_path: Path) -> None:
    rows = window_rows(14, 100, 1, better=0.33)
    verdicts = [judged(promoting(), rows, tmp_path, window_uses=uses).verdict for uses in (0, 3, 12)]
    assert verdicts[0] == "pass"
    assert verdicts[-1] == "not_enough_evidence"
    found = judged(promoting(), rows, tmp_path, window_uses=3)
    assert found.window_uses == 3
    assert "3 challengers before" in reason(found, "window_reuse").text


def test_promise_6_all_uses_of_a_window_together_err_no_more_often_than_allowed() -> None:
    spent = [1 - confidence_after(0.95, uses) for uses in range(10_000)]
    assert sum(spent) <= 0.05
    assert sum(spent) == pytest.approx(0.05, rel=1e-3)
    assert spent == sorted(spent, reverse=True)


def test_blocks_by_row_and_by_column(tmp_path: Path) -> None:
    rows = window_rows(3, 300, 1, better=1, groups=30)
    assert judged(promoting("block: row"), rows, tmp_path).metrics["blocks"] == 900
    assert judged(promoting("block: group"), rows, tmp_path).metrics["blocks"] == 30
    weeks = judged(promoting("block: week"), window_rows(60, 20, 1, better=1), tmp_path)
    assert (weeks.metrics["blocks"], weeks.verdict) == (9, "pass")
    with pytest.raises(PermanentError, match=r"`promotion\.block` of `timed` is `nothing`"):
        judged(promoting("block: nothing"), rows, tmp_path)


def test_slices_of_a_column_that_is_not_there_fail(tmp_path: Path) -> None:
    found = judged(promoting("slices: [nowhere]"), window_rows(14, 60, 1, better=2), tmp_path)
    assert (found.verdict, reason(found, "slices:nowhere").passed) == ("fail", False)


def test_a_regression_is_judged_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = window_rows(14, 60, 1).with_columns(y=pl.Series(rng.normal(size=840)))
    rows = rows.with_columns(
        new=pl.col("y") + pl.Series(rng.normal(0, 0.5, 840)), old=pl.col("y") + pl.Series(rng.normal(0, 1, 840))
    )
    number = {"task": REGRESSION, "positive": None}
    found = judged(timed("regression"), rows, tmp_path, challenger=Says("new", **number), rival=Says("old", **number))
    assert found.verdict == "pass"
    assert found.metrics["challenger_rmse"] < found.metrics["champion_rmse"]
    assert found.metrics["difference"] > 0


def test_the_same_input_and_seed_give_the_same_decision(tmp_path: Path) -> None:
    rows = window_rows(14, 60, 1, better=0.3)
    assert judged(promoting("slices: [group]"), rows, tmp_path) == judged(promoting("slices: [group]"), rows, tmp_path)


def test_a_changed_window_is_noticed(tmp_path: Path) -> None:
    snapshot = taken(window_rows(14, 60, 1), tmp_path)
    window_rows(14, 60, 2).write_parquet(snapshot.window)
    with pytest.raises(FileChanged):
        gate(
            promoting(), model_version=1, dataset_version=1, snapshot=snapshot, challenger=Says("new"),
            rival=Says("flat"), against="baseline", window_uses=0, seed=1,
        )  # fmt: skip


def test_of_many_classes_only_the_metric_that_decides_orders_them_all() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 30, 900)
    shares = rng.dirichlet(np.ones(30), 900) + 0.3 * np.eye(30)[truth]
    labels = tuple(f"c{code}" for code in range(30))
    both = [
        Scored(MULTICLASS, truth, each, each.argmax(axis=1), labels) for each in (shares, rng.permuted(shares, axis=1))
    ]
    spec = timed("multiclass", more="promotion: {block: row}")
    window = Window(spec, pl.DataFrame(), *both, np.arange(900) % 14, 14, "row")
    resampling = Resampling.of(window.blocks, 14, 1, resamples=100)
    found = all_metrics(window, 0.95, judge_gain(window, 0.95, resampling), resampling)
    assert "challenger_log_loss" in found
    assert not [name for name in found if "auc" in name]

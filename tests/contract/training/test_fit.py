"""`evergreen fit` and `evergreen predict` on files, as a person uses them."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.cli.test_main import process_as_it_was  # noqa: F401 - used by every test here
from tests.unit.features.test_predictor import Foreign

from evergreen.cli.main import main
from evergreen.training.trial.worker import Limits, Worker

FEW = ["--trials", "2", "--seed", "1"]
LIKE = """
name: toy
task: {task}
key: [row]
target: {{column: y}}
sources: {{rows: {{type: files, path: "*.csv", key: [row]}}}}
training: {{candidates: [{candidates}], split: {{folds: 2}}}}
"""


def frame(number: int = 300, seed: int = 0) -> pl.DataFrame:
    """All at once: numbers as text, dates, categories, free text, booleans, missing values, an index, a constant."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=number), rng.normal(size=number)
    word = rng.choice(["red", "green", "blue"], number)
    return pl.DataFrame(
        {
            "": range(number),
            "x": [f"{v:.3f}" if i % 17 else "N/A" for i, v in enumerate(x)],
            "z": [f"${v * 1000:,.2f}" for v in z],
            "when": [f"{1 + i % 28:02d}/{1 + i % 12:02d}/2023 10:{i % 60:02d}" for i in range(number)],
            "word": word,
            "place": [f"p{v}" for v in rng.integers(0, 60, number)],
            "note": [" ".join(rng.choice(["warm", "cold", "old", "new", "big", "wide"], 5)) for _ in range(number)],
            "member": rng.choice(["Yes", "no", "TRUE", "0", ""], number),
            "same": ["x"] * number,
            "amount": x + (word == "red") + 0.3 * rng.normal(size=number),
        }
    ).with_columns(
        y=pl.when(pl.col("amount") > 0.5).then(pl.lit("late")).otherwise(pl.lit("on time")),
        three=pl.when(pl.col("amount") > 0.7)
        .then(pl.lit("high"))
        .otherwise(pl.when(pl.col("amount") < -0.5).then(pl.lit("low")).otherwise(pl.lit("mid"))),
    )


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, with a use case that keeps the search short."""
    monkeypatch.chdir(tmp_path)
    for task in ("binary", "multiclass", "regression"):
        text = LIKE.format(task=task, candidates="logistic_regression")
        Path(f"{task}.yaml").write_text(text, encoding="utf-8")


def fit(data: str, target: str, *more: str, out: str = "model", task: str = "binary") -> int:
    return main(["fit", "--use-case", f"{task}.yaml", "--data", data, "--target", target, "--out", out, *FEW, *more])


def test_a_model_from_a_file_and_predictions_from_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    rows = frame()
    rows[:200].drop("amount", "three").write_csv("train.csv")
    rows[200:].drop("amount", "three", "y").write_csv("test.csv")
    assert fit("train.csv", "y", "--positive", "late") == 0
    said = capsys.readouterr()
    assert "trial 1" in said.err
    assert "`when` is read as times written `%d/%m/%Y %H:%M`" in said.out
    assert "left out    `column_1` (only numbers the rows); `same` (the same in every row)" in said.out
    assert "baseline    roc_auc 0.5; better by" in said.out
    assert sorted(path.name for path in Path("model").iterdir()) == [
        "model.skops", "report.json", "report.md", "schema.json",
    ]  # fmt: skip
    report = json.loads(Path("model/report.json").read_text())
    assert report["beats_baseline"] is True
    assert report["positive"] == "late"
    assert 0 < report["overhead"] < 1, "a short search is mostly start and decision"
    assert "| **roc_auc** |" in Path("model/report.md").read_text()

    assert main(["predict", "--model", "model", "--data", "test.csv", "--out", "p.parquet"]) == 0
    made = pl.read_parquet("p.parquet")
    assert made.columns == ["prediction", "probability"]
    assert (made["prediction"] == rows["y"][200:]).mean() > 0.75  # type: ignore[operator]
    assert "100 rows predicted into p.parquet" in capsys.readouterr().out


def test_the_use_cases_positive_class_and_limits_hold_where_none_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    frame().drop("amount", "three").write_csv("train.csv")
    text = Path("binary.yaml").read_text()
    text = text.replace("{column: y}", '{column: y, positive: "on time"}').replace(
        "training: {", "training: {search: {trials: 1, timeout: 1h}, seed: 5, "
    )
    Path("own.yaml").write_text(text)
    assert main(["fit", "--use-case", "own.yaml", "--data", "train.csv", "--out", "model"]) == 0
    assert "at most 1h and 1 trials, 1 worker(s)" in capsys.readouterr().err
    report = json.loads(Path("model/report.json").read_text())
    assert (report["positive"], report["trials"], report["seed"]) == ("on time", 1, 5)


@pytest.mark.parametrize(
    ("target", "task", "columns"),
    [
        ("three", "multiclass", ["prediction", "probability_high", "probability_low", "probability_mid"]),
        ("amount", "regression", ["prediction"]),
    ],
)
def test_other_tasks_and_other_kinds_of_files(
    target: str, task: str, columns: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = frame().drop([name for name in ("y", "three", "amount") if name != target])
    rows.write_parquet("train.parquet")
    rows.write_ndjson("test.ndjson")
    assert fit("train.parquet", target, task=task) == 0
    capsys.readouterr()
    assert main(["predict", "--model", "model", "--data", "test.ndjson", "--out", "p.csv", "--with", target]) == 0
    assert pl.read_csv("p.csv").columns == [target, *columns]
    assert "the file has the target: " in capsys.readouterr().out


def test_costs_decide_which_of_many_classes_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    frame().drop("y", "amount").write_parquet("train.parquet")
    costs = "metric: cost, costs: {wrong: {high: {low: 20, mid: 20}, hgih: {low: 3}}}, calibrate: never, "
    text = LIKE.format(task="multiclass", candidates="logistic_regression").replace(
        "training: {", "training: {" + costs
    )
    Path("multiclass.yaml").write_text(text, encoding="utf-8")
    assert fit("train.parquet", "three", task="multiclass") == 0
    assert "`training.costs` names `hgih`, which is the class of no row" in capsys.readouterr().out
    report = json.loads(Path("model/report.json").read_text())
    rare = (frame()["three"] != "high").mean()
    assert report["score"]["baseline"] == pytest.approx(rare), "always saying `high` is the cheapest without looking"
    assert report["score"]["value"] < report["score"]["baseline"]
    assert main(["predict", "--model", "model", "--data", "train.parquet", "--out", "p.parquet"]) == 0
    said = pl.read_parquet("p.parquet")
    likeliest = pl.concat_list("probability_high", "probability_low", "probability_mid").list.arg_max()
    assert set(said.filter(likeliest != 0)["prediction"]) >= {"high"}, "a little likely is enough to say the costly one"
    assert (said.filter(pl.col("probability_high") > 0.1)["prediction"] == "high").all()


def test_without_a_signal_nothing_beats_the_baseline_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(5)
    pl.DataFrame({"a": rng.normal(size=200), "y": rng.permutation(np.arange(200) % 2)}).write_csv("noise.csv")
    status = fit("noise.csv", "y")
    said, report = capsys.readouterr().out, json.loads(Path("model/report.json").read_text())
    assert status == 0
    assert report["beats_baseline"] is not True
    assert ("nothing beats it" in said) == (report["shipped"] == "baseline")
    assert ("may be chance" in said) == (report["beats_baseline"] is None)
    assert main(["predict", "--model", "model", "--data", "noise.csv", "--out", "p.csv"]) == 0


@pytest.fixture
def fitted(capsys: pytest.CaptureFixture[str]) -> pl.DataFrame:
    """A model in `model`, and the rows it learned from: `x` without missing values, `word` with some."""
    rows = (
        frame(200)
        .select("x", "z", "word", "y")
        .with_columns(
            x=pl.Series(np.random.default_rng(1).normal(size=200)),
            word=pl.when(pl.int_range(200) % 9 > 0).then("word"),
        )
    )
    rows.write_parquet("train.parquet")
    assert fit("train.parquet", "y") == 0
    capsys.readouterr()
    return rows


def predict(rows: pl.DataFrame, name: str = "rows.parquet") -> int:
    rows.write_parquet(name) if name.endswith("parquet") else rows.write_csv(name)
    return main(["predict", "--model", "model", "--data", name, "--out", "p.parquet"])


def test_columns_that_are_new_or_of_another_type(fitted: pl.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(fitted) == 0
    first = pl.read_parquet("p.parquet")
    # columns added later are ignored, and the order does not matter
    assert predict(fitted.select("word", "x", "z", later=pl.lit(1))) == 0
    assert pl.read_parquet("p.parquet").equals(first)
    # other types that hold the same values
    assert predict(fitted.with_columns(pl.col("x").cast(pl.String), pl.col("word").cast(pl.Categorical))) == 0
    assert pl.read_parquet("p.parquet").equals(first)
    assert predict(fitted, "rows.csv") == 0
    assert pl.read_parquet("p.parquet").equals(first)
    # a category never seen, infinite values
    assert predict(fitted.with_columns(word=pl.lit("violet"), x=pl.lit(float("-inf")))) == 0
    assert pl.read_parquet("p.parquet")["probability"].is_finite().all()
    # nothing of the kind
    capsys.readouterr()
    assert predict(fitted.with_columns(x=pl.lit("red"))) == 1
    assert "error: column `x`: 200 of 200 values are no float" in capsys.readouterr().err


def test_a_column_present_in_training_and_absent_in_scoring(
    fitted: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(fitted.drop("x")) == 1
    assert "the model needs the columns x, and the rows do not have them" in capsys.readouterr().err
    assert predict(fitted.drop("word")) == 0
    assert "note: the file has no `word`; as in some rows the model learned from" in capsys.readouterr().err
    absent = pl.read_parquet("p.parquet")
    assert predict(fitted.with_columns(word=pl.lit(None, pl.String))) == 0
    assert pl.read_parquet("p.parquet").equals(absent)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--data", "nowhere.csv", "--target", "y", "--out", "m"], "there is no such file"),
        (["--data", "rows.csv", "--target", "why", "--out", "m"], "no column `why` to predict; allowed are column_1, "),
        (["--data", "rows.csv", "--out", "m"], "say which column to predict: --target"),
        (["--data", "rows.csv", "--target", "y", "--out", "rows.csv"], "something other than a model is there"),
        (["--data", "rows.csv", "--target", "y", "--out", "m", "--metric", "rmse"], "does not fit a binary task"),
        (
            ["--data", "rows.csv", "--target", "y", "--out", "m", "--use-case", "no.yaml"],
            "--use-case no.yaml: can't be",
        ),
        (["--data", "five.csv", "--target", "y", "--out", "m"], "the file has 5 rows with a target, and 30 are needed"),
    ],
)
def test_wrong_input_is_one_sentence_and_a_next_step(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    frame(60).drop("amount", "three").write_csv("rows.csv")
    pl.DataFrame({"x": [1, 2, 3, 4, 5], "y": [0, 1, 0, 1, 0]}).write_csv("five.csv")
    assert main(["fit", *given]) == 1
    err = capsys.readouterr().err
    assert said in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("error: ")
    assert not Path("m").exists()


@pytest.mark.parametrize("given", [["--budget", "soon"], ["--budget", "0s"], ["--trials", "0"], ["--task", "both"]])
def test_wrong_options_are_said_by_the_parser(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fit", "--data", "a.csv", "--target", "y", "--out", "m", *given])
    assert ended.value.code == 2
    assert given[0] in capsys.readouterr().err


def test_a_folder_without_a_model_or_with_a_foreign_one(
    fitted: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    from skops import io

    assert main(["predict", "--model", ".", "--data", "train.parquet", "--out", "p.csv"]) == 1
    assert "no model is there" in capsys.readouterr().err
    assert main(["predict", "--model", "model", "--data", "train.parquet", "--out", "p.docx"]) == 1
    assert "of no known kind; the name has to end in .parquet" in capsys.readouterr().err
    io.dump({"model": Foreign()}, "model/model.skops")
    assert main(["predict", "--model", "model", "--data", "train.parquet", "--out", "p.csv"]) == 1
    assert "it was not loaded" in capsys.readouterr().err
    Path("model/model.skops").write_bytes(b"no archive")
    assert main(["predict", "--model", "model", "--data", "train.parquet", "--out", "p.csv"]) == 1
    assert "the model is damaged" in capsys.readouterr().err
    assert fitted.height == 200


def test_a_budget_too_small_for_one_trial_still_makes_one(capsys: pytest.CaptureFixture[str]) -> None:
    frame(100).select("x", "y").write_csv("rows.csv")
    given = ["fit", "--use-case", "binary.yaml", "--data", "rows.csv", "--target", "y", "--out", "m", "--budget", "1ms"]
    assert main(given) == 0
    assert json.loads(Path("m/report.json").read_text())["trials"] >= 1
    assert "score" in capsys.readouterr().out


def test_ctrl_c_saves_the_best_so_far(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _interrupt_after(1, monkeypatch)
    frame(100).select("x", "y").write_csv("rows.csv")
    assert fit("rows.csv", "y", "--trials", "50") == 130
    assert "stopped by hand, this is the best so far" in capsys.readouterr().out
    assert json.loads(Path("model/report.json").read_text())["trials"] < 10
    assert main(["predict", "--model", "model", "--data", "rows.csv", "--out", "p.csv"]) == 0


def test_ctrl_c_before_anything_is_found_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _interrupt_after(0, monkeypatch)
    frame(100).select("x", "y").write_csv("rows.csv")
    assert fit("rows.csv", "y", "--trials", "50") == 130
    assert "stopped" in capsys.readouterr().err
    assert not Path("model").exists()


def _interrupt_after(trials: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real SIGINT to this process, once so many trials have been judged."""
    judged, begun = Worker.judge, [0]

    def judge(self: Worker, configuration: Any, name: str, on_fold: Any, limits: Limits) -> Any:
        begun[0] += 1
        if begun[0] == trials + 1:
            os.kill(os.getpid(), signal.SIGINT)
            while not limits.over():
                time.sleep(0.01)
        return judged(self, configuration, name, on_fold, limits)

    monkeypatch.setattr(Worker, "judge", judge)


def test_the_same_seed_and_trials_give_the_same_model_and_an_earlier_one_is_replaced() -> None:
    frame(150).drop("amount", "three").write_csv("rows.csv")
    made = []
    for _ in range(2):
        assert fit("rows.csv", "y") == 0
        assert not Path("model/old").exists()
        assert main(["predict", "--model", "model", "--data", "rows.csv", "--out", "p.parquet"]) == 0
        made.append(pl.read_parquet("p.parquet"))
        Path("model/old").touch()
    assert made[0].equals(made[1])
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []

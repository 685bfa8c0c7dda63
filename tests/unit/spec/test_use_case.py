"""Use cases that are right: the shortest, the shipped one, and what is said where nothing is written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.spec.kit import SHORTEST

from evergreen.spec import UseCase, load_all, load_use_case, parse_use_case
from evergreen.spec.load import fingerprint

USE_CASES = Path(__file__).parents[3] / "include" / "use_cases"


def test_twelve_lines_are_enough() -> None:
    assert len(SHORTEST.splitlines()) <= 12
    use_case = parse_use_case(SHORTEST)
    assert (use_case.base, use_case.outcome, use_case.at) == ("customers", None, None)
    assert (use_case.metric, use_case.split_by, use_case.test_window) == ("roc_auc", "hash", 0.2)
    assert (use_case.schedule.ingest, use_case.retraining.policy, use_case.promotion.approve) == (
        "0 2 * * *", "when_it_pays", "never",
    )  # fmt: skip


def test_the_flights_file_says_what_its_owner_wrote() -> None:
    flights = load_use_case(USE_CASES / "flights")
    assert (flights.base, flights.outcome, flights.at) == ("schedules", "departures", "scheduled_at")
    assert (flights.split_by, flights.test_window, flights.metric) == ("time", timedelta(days=14), "roc_auc")
    assert flights.predict is not None
    assert flights.predict.lead == timedelta(hours=2)
    assert flights.retraining.budget == (timedelta(minutes=30), timedelta(days=7))
    assert flights.retraining.growth == 0.3
    assert flights.promotion.max_latency == timedelta(milliseconds=200)
    assert flights.features is not None
    assert len(flights.features.columns()) == 14
    assert flights.time_columns("schedules") == ("published_at", "scheduled_at")
    assert flights.time_columns("weather") == ("observed_at", "scheduled_at")


def test_every_shipped_use_case_loads_under_its_own_name() -> None:
    found = load_all(USE_CASES)
    assert {name: use_case.name for name, use_case in found.items()} == {name: name for name in found}
    assert set(found) == {"churn", "flights", "housing"}


def test_the_other_use_cases_are_of_other_kinds() -> None:
    churn, housing = load_use_case(USE_CASES / "churn"), load_use_case(USE_CASES / "housing")
    assert (churn.task, churn.at, churn.split_by, churn.outcome) == ("binary", None, "hash", "outcomes")
    assert set(churn.sources["customers"].personal) == {"full_name", "email"}
    assert (housing.task, housing.at, housing.split_by, housing.outcome) == ("regression", "closes_at", "time", "sales")
    kinds = {getattr(source, "path", "").rpartition(".")[2] for source in housing.sources.values()}
    assert kinds == {"csv", "parquet", "xml", "json"}


@pytest.mark.parametrize("path", sorted(USE_CASES.glob("*/use_case.yaml")), ids=lambda path: path.parent.name)
def test_a_use_case_goes_through_json(path: Path) -> None:
    use_case = load_use_case(path.parent)
    assert UseCase.model_validate_json(use_case.model_dump_json()) == use_case


@pytest.mark.parametrize(
    ("task", "metric", "positive"),
    [("binary", "roc_auc", True), ("multiclass", "log_loss", None), ("regression", "rmse", None)],
)
def test_the_metric_follows_the_task(task: str, metric: str, positive: bool | None) -> None:
    text = SHORTEST.replace("task: binary", f"task: {task}")
    text = text if positive else text.replace("  positive: true\n", "")
    assert parse_use_case(text).metric == metric


def test_with_event_time_rows_are_split_by_time() -> None:
    use_case = parse_use_case(SHORTEST + "event_time: joined_at\n")
    assert (use_case.at, use_case.split_by, use_case.test_window) == ("joined_at", "time", timedelta(days=14))


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "n"])
def test_words_that_yaml_1_1_took_for_booleans_stay_words(word: str) -> None:
    text = SHORTEST.replace("positive: true", f"positive: {word}")
    assert parse_use_case(text).target.positive == word
    assert parse_use_case(SHORTEST).target.positive is True


def test_a_join_is_on_columns() -> None:
    text = SHORTEST + ("prepare:\n  base: customers\n  join:\n    - {source: regions, on: [region], static: true}\n")
    text = text.replace("sources:\n", "sources:\n  regions: {type: files, path: r.csv, key: [region]}\n")
    assert parse_use_case(text).prepare.join[0].on == ("region",)


def test_the_fingerprint_is_of_what_is_said_and_not_of_how() -> None:
    use_case = parse_use_case(SHORTEST)
    same = SHORTEST.replace("key: [customer]\ntarget", "key:\n  - customer   # who\ntarget")
    assert fingerprint(parse_use_case(same)) == fingerprint(use_case)
    other = SHORTEST.replace("column: left", "column: gone")
    assert fingerprint(parse_use_case(other)) != fingerprint(use_case)
    spelled_out = SHORTEST + f"training: {{calibrate: {use_case.training.calibrate}}}\n"
    assert fingerprint(parse_use_case(spelled_out)) == fingerprint(use_case), "the default, said or not"
    assert fingerprint(parse_use_case(SHORTEST + "training: {calibrate: never}\n")) != fingerprint(use_case)


def test_the_ticks_that_cutoffs_go_by_are_part_of_the_fingerprint() -> None:
    timed = SHORTEST + "event_time: joined_at\npredict: {at: joined_at}\n"
    for text, shapes in ((timed, True), (SHORTEST, False)):
        plain = fingerprint(parse_use_case(text))
        assert (fingerprint(parse_use_case(text + 'schedule: {ingest: "0 3 * * *"}\n')) != plain) is shapes
        other = 'schedule: {ingest: "0 2 * * *", retrain: "0 9 * * *", clock: simulated}\n'
        assert fingerprint(parse_use_case(text + other)) == plain

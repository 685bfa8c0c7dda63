"""Failing rows go to quarantine with their reasons, and come back; too many, and nothing is published."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from evergreen.partitions import write_rows
from evergreen.quality import RunFailed, TooManyFailures, Verdict, check, validate
from evergreen.spec import UseCase, parse_use_case

DAY1, DAY2 = "table/day=2024-03-01.parquet", "table/day=2024-03-02.parquet"
TEMP = "{expect_column_values_to_be_between: {column: temp, min_value: 0, max_value: 50}}"
CITY = "{expect_column_values_to_not_be_null: {column: city}}"


def use_case(*expectations: str, at_most: float = 0.5) -> UseCase:
    return parse_use_case(
        "{name: trips, task: binary, key: [id], event_time: due, target: {column: late}, "
        "sources: {trips: {type: files, path: x, key: [id]}}, "
        f"quality: {{expectations: [{', '.join(expectations)}], quarantine_at_most: {at_most}}}}}"
    )


def rows(*values: tuple[int, str | None, float | None], provisional: bool = False) -> pl.DataFrame:
    return pl.DataFrame(
        [(number, city, temp, True, provisional) for number, city, temp in values],
        schema={"id": pl.Int64, "city": pl.String, "temp": pl.Float64, "late": pl.Boolean, "_provisional": pl.Boolean},
        orient="row",
    )


def touched(*keys: tuple[int, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(str(key), Path(path).stem) for key, path in keys],
        schema={"_key": pl.String, "partition": pl.String},
        orient="row",
    )


class Run:
    """Runs one after another on the same version, as publish would keep it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.table: dict[str, Path] = {}
        self.quarantine: dict[str, Path] = {}

    def __call__(self, case: UseCase, changed: dict[str, pl.DataFrame], keys: pl.DataFrame) -> Verdict:
        self.number += 1
        here = self.folder / str(self.number)
        staged = {path: here / "prepared" / path for path in changed}
        for path, frame in changed.items():
            write_rows(frame, staged[path])
        verdict = validate(
            case, staged, keys, table=self.table, quarantine=self.quarantine, into=here / "out", docs=here / "docs",
            as_of=datetime(2024, 3, 2, tzinfo=UTC),
        )  # fmt: skip
        self.table = {p: f for p, f in {**self.table, **verdict.good}.items() if p not in verdict.removed}
        quarantine = {**self.quarantine, **verdict.quarantine}
        self.quarantine = {p: f for p, f in quarantine.items() if p not in verdict.removed}
        return verdict


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_failing_rows_go_to_quarantine_with_their_reasons_and_the_others_stay(run: Run) -> None:
    day1 = rows((1, "a", 10.0), (2, None, 99.0), (3, "b", None))
    verdict = run(use_case(TEMP, CITY), {DAY1: day1}, touched((1, DAY1), (2, DAY1), (3, DAY1)))
    assert (verdict.rows, verdict.failed) == (3, 1)
    assert pl.read_parquet(verdict.good[DAY1])["id"].to_list() == [1, 3]
    kept = pl.read_parquet(verdict.quarantine["quarantine/" + DAY1])
    assert kept["id"].to_list() == [2]
    assert kept["_reasons"].to_list() == [
        ["expect_column_values_to_be_between: temp", "expect_column_values_to_not_be_null: city"]
    ]
    assert verdict.reasons == {
        "expect_column_values_to_be_between: temp": 1,
        "expect_column_values_to_not_be_null: city": 1,
    }


def test_a_row_that_passes_now_leaves_quarantine_and_an_empty_file_goes(run: Run) -> None:
    case = use_case(TEMP)
    run(case, {DAY1: rows((1, "a", 10.0), (2, "a", 99.0))}, touched((1, DAY1), (2, DAY1)))
    assert set(run.quarantine) == {"quarantine/" + DAY1}
    verdict = run(case, {DAY1: rows((1, "a", 10.0), (2, "a", 9.0))}, touched((2, DAY1)))
    assert verdict.removed == ("quarantine/" + DAY1,)
    assert pl.read_parquet(run.table[DAY1])["id"].to_list() == [1, 2]


def test_only_this_runs_final_rows_are_judged(run: Run) -> None:
    changed = {
        DAY1: rows((1, "a", 99.0), (2, "a", 10.0)),  # 1 is not of this run
        DAY2: rows((3, "a", 99.0), provisional=True),
    }
    verdict = run(use_case(TEMP), changed, touched((2, DAY1), (3, DAY2)))
    assert (verdict.rows, verdict.failed, verdict.quarantine) == (1, 0, {})
    assert pl.read_parquet(verdict.good[DAY2])["id"].to_list() == [3]


def test_too_many_failures_publish_nothing_and_name_each_rule_without_values(run: Run) -> None:
    bad = rows((1, "a", 12345.5), (2, None, 12345.5), (3, "b", 1.0))
    with pytest.raises(TooManyFailures) as error:
        run(use_case(TEMP, CITY, at_most=0.4), {DAY1: bad}, touched((1, DAY1), (2, DAY1), (3, DAY1)))
    said = str(error.value)
    assert "2 of this run's 3 rows failed" in said
    assert "expect_column_values_to_be_between: temp (2)" in said
    assert "expect_column_values_to_not_be_null: city (1)" in said
    assert "12345" not in said
    assert error.value.docs is not None
    assert "12345" not in error.value.docs.read_text()
    assert not list(run.folder.rglob("out/**/*.parquet"))


def test_rows_quarantined_before_do_not_count_again(run: Run) -> None:
    case = use_case(TEMP, at_most=0.5)
    run(case, {DAY1: rows((1, "a", 10.0), (2, "a", 99.0))}, touched((1, DAY1), (2, DAY1)))
    verdict = run(case, {DAY1: rows((1, "a", 10.0), (2, "a", 99.0))}, touched((2, DAY1)))
    assert (verdict.failed, verdict.good, verdict.quarantine, verdict.removed) == (1, {}, {}, ())


def test_mostly_tolerates_rows_while_it_is_reached(run: Run) -> None:
    case = use_case(TEMP.replace("50}", "50, mostly: 0.6}"))
    frame = rows((1, "a", 99.0), (2, "a", 1.0), (3, "a", 2.0))
    verdict = run(case, {DAY1: frame}, touched((1, DAY1), (2, DAY1), (3, DAY1)))
    assert (verdict.failed, pl.read_parquet(verdict.good[DAY1]).height) == (0, 3)
    verdict = run(case, {DAY2: rows((4, "a", 99.0), (5, "a", 1.0))}, touched((4, DAY2), (5, DAY2)))
    assert (verdict.failed, pl.read_parquet(verdict.good[DAY2]).height) == (1, 1)


def test_a_rule_about_all_rows_fails_the_run(run: Run) -> None:
    case = use_case("{expect_column_mean_to_be_between: {column: temp, min_value: 0, max_value: 5}}", TEMP)
    with pytest.raises(RunFailed, match="together break expect_column_mean_to_be_between: temp; nothing is published"):
        run(case, {DAY1: rows((1, "a", 40.0), (2, "a", 40.0))}, touched((1, DAY1), (2, DAY1)))
    table = use_case("{expect_table_row_count_to_be_between: {min_value: 3}}")
    with pytest.raises(RunFailed, match="expect_table_row_count_to_be_between"):
        run(table, {DAY1: rows((1, "a", 40.0))}, touched((1, DAY1)))


def test_the_page_and_the_json_say_how_each_rule_fared(run: Run) -> None:
    verdict = run(use_case(TEMP), {DAY1: rows((1, "<b>", 10.0), (2, "a", 99.0))}, touched((1, DAY1), (2, DAY1)))
    assert verdict.docs is not None
    page = verdict.docs.read_text()
    assert "Quality of trips at 2024-03-02 00:00 UTC" in page
    assert "http" not in page  # self-contained
    said = json.loads((verdict.docs.parent / "quality.json").read_text())
    assert said["rules"][0] | {"arguments": {}} == {
        "expectation": "expect_column_values_to_be_between",
        "arguments": {},
        "held": False,
        "unexpected": 1,
        "quarantined": 1,
    }


def test_check_finds_unknown_names_and_arguments() -> None:
    assert check(use_case(TEMP)) == []
    wrong = use_case(
        "{expect_column_values_to_be_betwen: {column: temp}}",
        "{expect_column_values_to_not_be_null: {colum: city}}",
        "{expect_column_values_to_be_between: {column: temp}}",
        "{expect_column_values_to_be_in_set: {value_set: [a]}}",
    )
    first, second, third, fourth = check(wrong)
    assert first.endswith("no such expectation; did you mean `expect_column_values_to_be_between`?")
    assert "unknown argument `colum`; did you mean `column`?" in second
    assert "min_value and max_value cannot both be None" in third
    assert fourth.endswith("expect_column_values_to_be_in_set.column: field required")


def test_an_unknown_column_is_named(run: Run) -> None:
    from evergreen.errors import PermanentError

    with pytest.raises(PermanentError, match=r"there is no column `tmp`; did you mean `temp`\?"):
        run(use_case(TEMP.replace("temp", "tmp")), {DAY1: rows((1, "a", 1.0))}, touched((1, DAY1)))


def test_without_expectations_great_expectations_is_not_imported() -> None:
    code = (
        "import sys; from evergreen.quality import check, validate; import polars as pl; from pathlib import Path;"
        "from evergreen.spec import parse_use_case;"
        "case = parse_use_case('{name: t, task: binary, key: [id], target: {column: late},"
        " sources: {t: {type: files, path: x, key: [id]}}}');"
        "assert check(case) == [];"
        "none = pl.DataFrame(schema={'_key': pl.String, 'partition': pl.String});"
        "validate(case, {}, none, table={}, quarantine={}, into=Path('nowhere'));"
        "assert not [name for name in ('great_expectations', 'pandas') if name in sys.modules]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "include"})


def test_rows_in_quarantine_do_not_count_for_mostly_and_are_judged_each_by_itself(run: Run) -> None:
    case = use_case(TEMP.replace("50}", "50, mostly: 0.6}"), at_most=1)
    before = rows((1, "a", 99.0), (2, "a", 99.0), (3, "a", 1.0))
    assert run(case, {DAY1: before}, touched((1, DAY1), (2, DAY1), (3, DAY1))).failed == 2
    tonight = rows((4, "a", 99.0), (5, "a", 1.0), (6, "a", 2.0), (7, "a", 3.0), (8, "a", 4.0))
    fresh = [(number, DAY2) for number in range(4, 9)]
    verdict = run(case, {DAY1: before, DAY2: tonight}, touched((1, DAY1), (2, DAY1), *fresh))
    assert (verdict.failed, verdict.rows, set(run.quarantine)) == (2, 7, {"quarantine/" + DAY1})
    assert pl.read_parquet(run.table[DAY2])["id"].to_list() == [4, 5, 6, 7, 8], "one of five is tolerated"
    mended = rows((1, "a", 5.0), (2, "a", 99.0), (3, "a", 1.0))
    assert run(case, {DAY1: mended}, touched((1, DAY1), (2, DAY1))).failed == 1
    assert pl.read_parquet(run.table[DAY1])["id"].to_list() == [1, 3]


def test_a_run_of_all_rows_judges_those_in_quarantine_with_the_others(run: Run) -> None:
    strict, lenient = (TEMP.replace("50}", f"50, mostly: {mostly}}}") for mostly in (0.6, 0.3))
    day1, keys = rows((1, "a", 99.0), (2, "a", 99.0), (3, "a", 1.0)), touched((1, DAY1), (2, DAY1), (3, DAY1))
    run(use_case(strict, at_most=1), {DAY1: day1}, keys)
    verdict = run(use_case(lenient, at_most=1), {DAY1: day1}, keys)
    assert (verdict.failed, verdict.removed) == (0, ("quarantine/" + DAY1,))
    assert pl.read_parquet(run.table[DAY1])["id"].to_list() == [1, 2, 3]

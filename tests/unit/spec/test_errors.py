"""A wrong file: every problem at once, each with file, line, what is allowed and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.spec.kit import SHORTEST, only, said

from evergreen.errors import PermanentError
from evergreen.spec import SpecError, load_all, load_use_case, parse_use_case
from evergreen.spec.hints import did_you_mean


def test_a_problem_has_file_line_key_and_words(tmp_path: Path) -> None:
    folder = tmp_path / "churn"
    folder.mkdir()
    (folder / "use_case.yaml").write_text(SHORTEST.replace("task: binary", "task: binry"), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        load_use_case(folder)
    assert str(error.value) == (
        f"{folder}/use_case.yaml:2: task: unknown value; did you mean `binary`? "
        "allowed are binary, multiclass, regression"
    )
    assert isinstance(error.value, PermanentError)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = SHORTEST.replace("column: left", "colum: left").replace("path:", "pth:") + "owners: x\n"
    problems = said(text)
    assert [problem.partition("; ")[0] for problem in problems] == [
        "4: target: `column` is missing",
        "5: target.colum: unknown key",
        "8: sources.customers: `path` is missing",
        "10: sources.customers.pth: unknown key",
        "12: owners: unknown key",
    ]
    assert problems[1].endswith("mean `column`? allowed are column, expression, mature_after, never_after, positive")
    assert problems[3].endswith("allowed are available_at, key, order_by, path, personal, role, type, types")
    assert "did you mean `owner`? allowed are event_time, features, key" in problems[4]


def test_an_unknown_key_deep_inside_is_compared_with_its_own_section() -> None:
    text = SHORTEST + "monitoring:\n  drift:\n    metod: psi\n"
    assert (
        only(text)
        == "14: monitoring.drift.metod: unknown key; did you mean `method`? allowed are method, share, threshold"
    )


@pytest.mark.parametrize("name", ["rest", "sql", "files", "sources"])
def test_a_source_named_like_a_type_is_still_told_its_own_keys(name: str) -> None:
    text = SHORTEST.replace("customers:", f"{name}:").replace("    path:", "    typs: {}\n    path:")
    assert only(text).startswith(f"10: sources.{name}.typs: unknown key; did you mean `types`?")


def test_an_unknown_source_type_and_a_missing_one() -> None:
    assert only(SHORTEST.replace("type: files", "type: file")) == (
        "8: sources.customers: `type: file` is unknown; did you mean `files`? allowed are files, rest, sql"
    )
    assert "`type` is missing; allowed are sql, rest, files" in only(SHORTEST.replace("    type: files\n", ""))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SHORTEST.replace("key: [customer]\ntarget", "key: customer\ntarget"), "3: key: has to be a list"),
        (SHORTEST + "schedule: nightly\n", "12: schedule: has to be a mapping"),
        (SHORTEST.replace("name: churn", "name: Churn-2"), "1: name: a name is lower-case letters, digits"),
        (SHORTEST.replace("name: churn", "name: 7"), "1: name: has to be text"),
        (SHORTEST.replace("name: churn\n", ""), "1: `name` is missing"),
        (
            SHORTEST + "training: {search: {trials: many}}\n",
            "12: training.search.trials: input should be a valid integer",
        ),
        (SHORTEST + "7: x\n", "12: 7: keys should be strings"),
    ],
)
def test_a_wrong_type_is_said_in_the_words_of_yaml(text: str, words: str) -> None:
    assert only(text).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1: a use case is a mapping"),
        ("- a\n- b\n", "1: a use case is a mapping"),
        ("name: a: b\n", "1: not valid YAML: mapping values are not allowed"),
        ("name: [a\nkey: b\n", "2: not valid YAML"),
        ("name: \x00\n", "1: not valid YAML"),
        (SHORTEST + "---\nname: two\n", "12: not valid YAML: but found another document"),
        (SHORTEST + "? [a, b]\n: c\n", "12: not valid YAML"),
        (SHORTEST + "title: one\ntitle: two\n", "13: title: is given twice; keep one"),
        (SHORTEST.replace("  positive: true", "  column: right"), "6: column: is given twice; keep one"),
        (
            SHORTEST + "title: !!python/object/apply:os.getcwd []\n",
            "12: not valid YAML: could not determine a constructor",
        ),
    ],
)
def test_text_that_is_no_use_case_names_its_line(text: str, words: str) -> None:
    assert only(text).startswith(words)


def test_yaml_that_holds_itself_or_repeats_itself_without_end_is_refused_at_once() -> None:
    assert only(SHORTEST + "extra: &x {again: *x}\n").startswith("12: extra: unknown key")
    laughs = "".join(f"x{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert len(said(SHORTEST + "x0: &l0 [ha]\n" + laughs)) == 40


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no such file; a use case is a folder with a use_case\.yaml"):
        load_use_case(tmp_path)
    (tmp_path / "use_case.yaml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(SpecError, match="save it as UTF-8"):
        load_use_case(tmp_path)
    (tmp_path / "use_case.yaml").unlink()
    (tmp_path / "use_case.yaml").mkdir()
    with pytest.raises(SpecError, match="can't be read: Is a directory"):
        load_use_case(tmp_path)


def test_the_folder_has_the_name_of_the_use_case(tmp_path: Path) -> None:
    folder = tmp_path / "leavers"
    folder.mkdir()
    (folder / "use_case.yaml").write_text(f"# one\n{SHORTEST}", encoding="utf-8")
    with pytest.raises(SpecError, match=r"use_case\.yaml:2: name: `churn` has to be the name of its folder, `leavers`"):
        load_use_case(folder)


def test_all_folders_problems_come_together(tmp_path: Path) -> None:
    for name, text in (("churn", SHORTEST), ("one", "name: one\n"), ("two", "- two\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "use_case.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as error:
        load_all(tmp_path)
    assert {problem.file.parent.name for problem in error.value.problems} == {"one", "two"}


def test_a_very_wrong_file_still_has_a_short_message() -> None:
    with pytest.raises(SpecError) as error:
        parse_use_case(SHORTEST + "".join(f"wrong_{n}: 1\n" for n in range(100)))
    assert len(error.value.problems) == 100
    assert str(error.value).splitlines()[-1] == "… and 80 more"


def test_hints_name_what_is_close_and_what_is_allowed() -> None:
    assert did_you_mean("carier", ["carrier", "origin"]) == "; did you mean `carrier`? allowed are carrier, origin"
    assert did_you_mean("xyz", ["carrier"]) == "; allowed is carrier"
    assert did_you_mean("xyz", []) == ""
    assert did_you_mean("q", [f"c{n:02}" for n in range(30)]).endswith("c24 and 5 more")


def test_a_label_has_to_be_able_to_come_before_it_is_too_late() -> None:
    text = SHORTEST.replace("  positive: true", "  positive: true\n  mature_after: 3d\n  never_after: 2d")
    assert only(text) == ("4: target: `never_after` has to be longer than `mature_after`, or no label would ever count")

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sample_sources
from sample_sources.__main__ import main
from sample_sources.sources import SampleSources

NOWHERE = "postgresql+psycopg2://someone:hidden-word@127.0.0.1:1/sources"


def test_a_database_that_is_down_is_named_without_its_password(capsys):
    assert main(["clock", "--database-url", NOWHERE]) == 2
    output = capsys.readouterr()
    assert "the sample database can't be used" in output.err
    assert "hidden-word" not in output.err + output.out


def test_an_unreadable_url_is_not_repeated(capsys):
    assert main(["clock", "--database-url", "hidden-word"]) == 2
    assert "hidden-word" not in capsys.readouterr().err


def test_printing_the_sources_shows_no_password():
    assert "hidden-word" not in repr(SampleSources(NOWHERE, Path()))


def test_the_database_may_come_from_the_environment(capsys, monkeypatch):
    monkeypatch.setenv("SAMPLE_SOURCES_DATABASE_URL", NOWHERE)
    assert main(["clock"]) == 2
    assert "can't be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clock"], "--database-url"),
        (["advance", "--database-url", NOWHERE, "--landing", "x"], "--by --to"),
        (
            [
                "serve",
                "--database-url",
                NOWHERE,
                "--landing",
                "x",
                "--port",
                "0",
                "--api-key-file",
                "k",
                "--faults",
                "25",
            ],
            "share",
        ),
        (
            [
                "serve",
                "--database-url",
                NOWHERE,
                "--landing",
                "x",
                "--port",
                "0",
                "--api-key-file",
                "k",
                "--start",
                "now",
            ],
            "ISO",
        ),
    ],
)
def test_wrong_arguments_are_explained(arguments, says, capsys, monkeypatch):
    monkeypatch.delenv("SAMPLE_SOURCES_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_an_api_key_is_needed_to_serve(content, tmp_path, capsys):
    file = tmp_path / "api_key"
    if content is not None:
        file.write_text(content)
    options = ["--database-url", NOWHERE, "--landing", str(tmp_path), "--port", "0", "--api-key-file", str(file)]
    assert main(["serve", *options]) == 2
    assert "write a key into it" in capsys.readouterr().err


def test_the_samples_do_not_know_the_library():
    for path in Path(sample_sources.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "evergreen" for name in names), path

"""Rows as a file, whole or absent, of the kind its name says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from evergreen.tabular.errors import UnusableRows


def check_kind(path: Path) -> None:
    """Raises UnusableRows where `write_file` would not know the kind of file."""
    if _kind(path) not in _KINDS:
        raise UnusableRows(
            f"--out {path}: of no known kind; the name has to end in {', '.join('.' + k for k in _KINDS)}"
        )


def write_file(rows: pl.DataFrame, path: Path) -> None:
    """Write the rows; what was there is replaced."""
    partly = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _KINDS[_kind(path)](rows, partly)
        partly.replace(path)
    except OSError as error:
        raise UnusableRows(f"--out {path}: can't be written ({error.strerror}); give another path") from None
    finally:
        partly.unlink(missing_ok=True)


def _kind(path: Path) -> str:
    return path.name.lower().rpartition(".")[2]


_KINDS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "parquet": lambda rows, path: rows.write_parquet(path),
    "csv": lambda rows, path: rows.write_csv(path),
    "tsv": lambda rows, path: rows.write_csv(path, separator="\t"),
    "ndjson": lambda rows, path: rows.write_ndjson(path),
    "json": lambda rows, path: rows.write_json(path),
}

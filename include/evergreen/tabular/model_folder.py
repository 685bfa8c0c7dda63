"""A model and its report in a folder: whole or absent."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from evergreen.features.predictor import MODEL, SCHEMA, Predictor
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.report import Report

CARD, REPORT = "report.md", "report.json"


class NoModel(UnusableRows):
    """The folder holds no model, or one that is damaged."""


def check_free(folder: Path) -> None:
    """Raises UnusableRows where something else than an earlier model is in the way of writing one into `folder`."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / SCHEMA).is_file()):
        raise UnusableRows(
            f"--out {folder}: something other than a model is there; give a folder that does not exist yet"
        )
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise UnusableRows(f"--out {folder}: can't be written to ({error.strerror}); give another folder") from None


def save(predictor: Predictor, report: Report, folder: Path) -> None:
    """Write model and report beside `folder`, then put them in its place; an earlier model there is replaced."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made.chmod(0o755)
        predictor.save(made)
        (made / CARD).write_text(report.markdown(), encoding="utf-8")
        said = json.dumps(_plain(report.to_json()), indent=1, ensure_ascii=False, default=str)
        (made / REPORT).write_text(said + "\n", encoding="utf-8")
        if folder.exists():
            old = made.with_suffix(".old")
            folder.rename(old)
            made.rename(folder)
            shutil.rmtree(old)
        else:
            made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def load(folder: Path) -> tuple[Predictor, dict[str, Any]]:
    """The model, and its report as far as it is there. Raises NoModel and UntrustedModel; what types the model holds is
    looked at before anything is deserialised.
    """
    if not (folder / MODEL).is_file() or not (folder / SCHEMA).is_file():
        raise NoModel(f"{folder}: no model is there; give the folder that `evergreen fit --out` wrote")
    try:
        predictor = Predictor.load(folder)
        report = json.loads((folder / REPORT).read_text("utf-8")) if (folder / REPORT).is_file() else {}
    except (BadZipFile, ValueError, KeyError, TypeError, OSError):
        raise NoModel(f"{folder}: the model is damaged, or of another version; fit it again") from None
    return predictor, report


def _plain(value: Any) -> Any:
    """JSON has no NaN: null instead."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN

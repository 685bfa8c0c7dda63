"""Where the page leads to: the use case's DAGs, MLflow, Evidently's newest report."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from evergreen.local.settings import LocalSettings
from evergreen.loop.flow import STAGES
from evergreen.orchestration.page.cards import Active, Link
from evergreen.settings import Settings

_REPORT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_@.-]*\.html")


def links(settings: Settings, name: str, active: Active | None) -> tuple[Link, ...]:
    """The ways out of a use case's card, in the order of the flow."""
    mlflow = mlflow_ui(settings)
    model = f"{mlflow}/#/models/{name}" + (f"/versions/{active.model}" if active is not None else "")
    newest = newest_report(settings, name)
    return (
        *(Link(label=what, url=f"../dags/{quote(name)}.{what}") for what in (stage.name for stage in STAGES)),
        Link(label="rollback", url="../dags/rollback"),
        Link(label="MLflow", url=model, new_tab=True),
        *([Link(label="Evidently", url=f"reports/{quote(name)}/{quote(newest.name)}", new_tab=True)] if newest else []),
    )


def mlflow_ui(settings: Settings) -> str:
    """MLflow's web UI: the configured server without its log-in, else the one on this machine."""
    uri = urlsplit(settings.mlflow_uri.get_secret_value() if settings.mlflow_uri is not None else "")
    if uri.scheme in ("http", "https") and uri.hostname:
        return f"{uri.scheme}://{uri.netloc.rpartition('@')[2]}{uri.path.rstrip('/')}"
    return LocalSettings().mlflow_url


def newest_report(settings: Settings, name: str) -> Path | None:
    """Evidently's newest HTML report of a use case; None before the first."""
    try:
        with os.scandir(_folder(settings, name)) as entries:
            found = [(e.stat().st_mtime_ns, e.name) for e in entries if _REPORT.fullmatch(e.name) and e.is_file()]
    except FileNotFoundError:
        return None
    return _folder(settings, name) / max(found)[1] if found else None


def find_report(settings: Settings, name: str, report: str) -> Path | None:
    """The report of this name; None when there is none, or when the name could lead elsewhere."""
    if not _REPORT.fullmatch(report):
        return None
    path = _folder(settings, name) / report
    return path if path.is_file() and not path.is_symlink() else None


def _folder(settings: Settings, name: str) -> Path:
    return settings.home.absolute() / "reports" / name

"""A service process for tests: routes from a JSON file, predictions to a database.

Usage: serve.py PORT ROUTES URL ENVIRONMENTS.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from sqlalchemy import create_engine

from evergreen.artifacts import Release
from evergreen.delivery.own.processes import OwnProcesses
from evergreen.delivery.service import PredictionLog, Routes, create_app
from evergreen.predictions import PredictionStore
from evergreen.spec import UseCase


class FileRoutes:
    def __init__(self, file: Path) -> None:
        self.file = file

    def routes(self) -> Mapping[str, Routes]:
        said = json.loads(self.file.read_text())
        case = UseCase.model_validate(said["use_case"])
        releases = tuple((Release.model_validate(release), percent) for release, percent in said["releases"])
        data_time = datetime(2013, 3, 1, 2, tzinfo=UTC)
        return {case.name: Routes(case, releases, {"flight_id": "String"}, 1, data_time)}


def main() -> None:
    port, routes, url, environments = sys.argv[1:]
    store = PredictionStore(create_engine(url))
    store.create()
    log = PredictionLog(store.write, interval=0.1)
    app = create_app(
        FileRoutes(Path(routes)),
        api_key="key",
        log=log,
        clock=lambda: datetime.now(UTC),
        processes=OwnProcesses.of_this_code(Path(environments)),
        poll=0.2,
    )
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main()

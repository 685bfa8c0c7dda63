"""The page's web app, mounted into Airflow's API server under `/evergreen`. Every route asks who is there first."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Annotated, Any

import structlog
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.responses import FileResponse, HTMLResponse, Response

from evergreen.errors import EvergreenError
from evergreen.loop.instance import Instance
from evergreen.orchestration.door import open_instance
from evergreen.orchestration.page.access import readable
from evergreen.orchestration.page.cards import Page
from evergreen.orchestration.page.collect import Collector
from evergreen.orchestration.page.html import REPORT_HEADERS, document, icon
from evergreen.orchestration.page.links import find_report
from evergreen.settings import Settings

log = structlog.get_logger()
MOST = 50
User = Annotated[Any, Depends(get_user)]


def build_app(opening: Callable[[], Instance] = open_instance) -> FastAPI:
    """The web app. `opening` makes the instance, at the first request that needs it and once a process."""
    # Airflow does not authenticate the apps of plugins, so the whole app does: 401 to anyone who isn't logged in.
    may_look = [Depends(get_user), Depends(requires_access_dag("GET"))]
    app = FastAPI(title="Evergreen", dependencies=may_look, docs_url=None, redoc_url=None, openapi_url=None)
    once = _Once(opening)

    @app.get("/", response_class=HTMLResponse)
    def page() -> HTMLResponse:
        text, headers = document(secrets.token_urlsafe(16))
        return HTMLResponse(text, headers=headers)

    @app.get("/icon.svg")
    def picture() -> Response:
        return Response(icon(), media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})

    @app.get("/api/state", response_model=Page)
    def state(
        user: User,
        q: Annotated[str, Query(max_length=100)] = "",
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    ) -> Page:
        """The cards of the use cases whose name has `q` in it, by name."""
        try:
            collector = once.collector()
            found = [name for name in collector.instance.names() if q.lower() in name]
        except EvergreenError as error:
            return Page(cards=(), total=0, offset=0, problems=(str(error),))
        mine = readable(found, user)
        cards = tuple(collector.card(name) for name in mine[offset : offset + limit])
        return Page(cards=cards, total=len(mine), offset=offset)

    @app.get("/reports/{use_case}/{report}")
    def evidently_report(user: User, use_case: str, report: str) -> FileResponse:
        """One of Evidently's reports about a use case."""
        settings = Settings()
        known = (settings.use_cases.absolute() / use_case / "use_case.yaml").is_file() and use_case.isidentifier()
        path = find_report(settings, use_case, report) if known and readable([use_case], user) else None
        if path is None:
            raise HTTPException(404, "there is no such report")
        return FileResponse(path, media_type="text/html", headers=REPORT_HEADERS)

    return app


class _Once:
    """The collector of this process, made at its first use; a failure is not remembered."""

    def __init__(self, opening: Callable[[], Instance]) -> None:
        self._opening = opening
        self._lock = threading.Lock()
        self._collector: Collector | None = None

    def collector(self) -> Collector:
        """The one collector. Raises what opening the instance raises."""
        with self._lock:
            if self._collector is None:
                self._collector = Collector(self._opening())
            return self._collector

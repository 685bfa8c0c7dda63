"""The pages beside predictions: schema, state, health, counts, reload."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from evergreen.delivery.service.board import Board, ServedUseCase
from evergreen.delivery.service.counters import Counters
from evergreen.delivery.service.http import Refused
from evergreen.delivery.service.log import PredictionLog
from evergreen.delivery.service.predict import find_serving


class Refresh(Protocol):
    """Reads the routes now."""

    def __call__(self, *, again: bool = False) -> Coroutine[Any, Any, None]:
        """`again`: also try releases that have failed a moment ago."""


class Pages:
    """Endpoints that tell about the service."""

    def __init__(self, board: Board, counters: Counters, log: PredictionLog, refresh: Refresh) -> None:
        self._board = board
        self._counters = counters
        self._log = log
        self._refresh = refresh

    async def schema(self, request: Request) -> Response:
        """The JSON Schema of the body, for the newest release."""
        serving = find_serving(self._board, request.path_params["use_case"])
        if not serving.shares:
            raise Refused(503, "there is no release yet, so no schema", headers={"Retry-After": "5"})
        rows = {"type": "array", "minItems": 1, "items": serving.shares[0].shape.json_schema()}
        return JSONResponse(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": serving.routes.use_case.title or serving.routes.use_case.name,
                "type": "object",
                "properties": {"rows": rows},
                "required": ["rows"],
                "additionalProperties": False,
            }
        )

    async def use_case(self, request: Request) -> Response:
        """What serves a use case now."""
        name = request.path_params["use_case"]
        return JSONResponse({"use_case": name, **self._described(name, find_serving(self._board, name))})

    async def healthz(self, _: Request) -> Response:
        """The process is up."""
        return JSONResponse({"status": "up"})

    async def readyz(self, _: Request) -> Response:
        """200 once every use case with an active release answers; before the first release too, with a note."""
        board = self._board
        use_cases = {name: self._described(name, serving) for name, serving in board.current.items()}
        missing = sorted(
            name
            for name, serving in board.current.items()
            if name in board.problems and serving.routes.releases and not serving.shares
        )
        ready = board.was_read and not missing
        body: dict[str, Any] = {"ready": ready, "use_cases": use_cases, "problems": dict(board.problems)}
        if ready and not any(serving.shares for serving in board.current.values()):
            body["note"] = "no use case has a release yet"
        return JSONResponse(body, 200 if ready else 503)

    async def reload(self, _: Request) -> Response:
        """Read the routes now, and say what is served then."""
        await self._refresh(again=True)
        return await self.readyz(_)

    async def stats(self, _: Request) -> Response:
        """Counts by use case and release since this process started: what a rollout is judged by."""
        use_cases = {
            name: self._counters.stats(name, {share.loaded.release.number for share in serving.shares})
            for name, serving in self._board.current.items()
        }
        return JSONResponse(use_cases)

    async def metrics(self, _: Request) -> Response:
        """All counts in Prometheus' text format."""
        lines = [
            *self._counters.prometheus(),
            "# TYPE evergreen_predictions_stored_total counter",
            f"evergreen_predictions_stored_total {self._log.stored}",
            "# TYPE evergreen_predictions_dropped_total counter",
            f"evergreen_predictions_dropped_total {self._log.dropped}",
            "# TYPE evergreen_predictions_waiting gauge",
            f"evergreen_predictions_waiting {self._log.waiting}",
        ]
        return PlainTextResponse("\n".join([*lines, ""]), media_type="text/plain; version=0.0.4")

    def _described(self, name: str, serving: ServedUseCase) -> dict[str, Any]:
        routes = serving.routes
        return {
            "releases": [
                {
                    "release": share.loaded.release.number,
                    "percent": share.percent,
                    "model_version": share.loaded.release.model.version,
                    "bento": share.loaded.release.bento.tag,
                    "process": "own" if share.loaded.own is not None else "shared",
                }
                for share in serving.shares
            ],
            "dataset_version": routes.data_version,
            "data_time": routes.data_time.isoformat() if routes.data_time else None,
            "problem": self._board.problems.get(name),
        }

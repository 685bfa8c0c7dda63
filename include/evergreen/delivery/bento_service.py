"""The service inside a bento: `bentoml serve <tag>` runs this model alone, on 127.0.0.1 unless told otherwise.

It becomes `service.py` of every bento, beside `model.json` with the model's tag. Clients send the API key that is in
the environment as EVERGREEN_API_KEY; without one there, nothing but the health pages answers.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import bentoml
from bentoml.exceptions import BentoMLException

from evergreen.delivery.bento import PREDICTOR
from evergreen.delivery.predictor import load_predictor
from evergreen.delivery.shape import MOST_ERRORS, Field, InvalidRowsError, Shape

_TAG: str = json.loads(Path(__file__).with_name("model.json").read_text())["tag"]
_OPEN = ("/healthz", "/livez", "/readyz")
_Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


class WrongRowsError(BentoMLException):  # type: ignore[misc,unused-ignore]
    """Rows that do not fit the model's schema."""

    error_code = HTTPStatus.UNPROCESSABLE_ENTITY


class ApiKey:
    """Answers 401 to whoever does not bring the API key."""

    def __init__(self, app: _Asgi) -> None:
        self._app = app
        self._key = os.environ.get("EVERGREEN_API_KEY", "")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Pass on what is allowed."""
        given = dict(scope.get("headers") or ()).get(b"x-api-key", b"")
        allowed = bool(self._key) and hmac.compare_digest(given, self._key.encode())
        if scope["type"] != "http" or scope["path"] in _OPEN or allowed:
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        body = b'{"error": "the header X-API-Key is missing or wrong (the key is EVERGREEN_API_KEY)"}'
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@bentoml.service(workers=1, http={"host": "127.0.0.1"})  # type: ignore[untyped-decorator,unused-ignore]
class Evergreen:
    """Predictions of one model."""

    model = bentoml.models.BentoModel(_TAG)

    def __init__(self) -> None:
        self.predictor = load_predictor(Path(self.model.path) / PREDICTOR)
        self.shape = Shape(
            {one.name: Field(one.name, one.type, one.nullable, required=True) for one in self.predictor.schema}
        )

    @bentoml.api  # type: ignore[untyped-decorator,unused-ignore]
    def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Predictions for rows of the model's input columns, in order."""
        try:
            frame = self.shape.frame(rows, range(len(rows)))
        except InvalidRowsError as error:
            named = [f"row {one.row}, {one.field}: {one.error}" for one in error.errors[:MOST_ERRORS]]
            raise WrongRowsError("; ".join(named)) from error
        return {"predictions": self.predictor.predict(frame).to_dicts()}

    @bentoml.api(route="/schema")  # type: ignore[untyped-decorator,unused-ignore]
    def row_schema(self) -> dict[str, Any]:
        """The JSON Schema of one row."""
        return self.shape.json_schema()


Evergreen.add_asgi_middleware(ApiKey)  # type: ignore[attr-defined]

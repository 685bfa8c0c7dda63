"""The Evergreen page inside Airflow's web UI.

Every Airflow process imports this file, each task's included, so it imports next to nothing: the page itself is built
by the API server at the page's first request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PREFIX = "/evergreen"


class LazyApp:
    """An ASGI app that is built when it is first asked for something."""

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer one request; the first one builds the app beside the event loop."""
        app = await asyncio.to_thread(lambda: self._app)
        await app(scope, receive, send)

    @cached_property
    def _app(self) -> Any:
        from evergreen.orchestration.page.app import build_app

        return build_app()


def href() -> str:
    """Where the page lies, also when Airflow lives below a path."""
    return urlsplit(conf.get("api", "base_url", fallback="/")).path.rstrip("/") + PREFIX


class EvergreenPlugin(AirflowPlugin):
    """The page as a web app, and its entry in the navigation."""

    name = "evergreen"
    fastapi_apps = [{"app": LazyApp(), "url_prefix": PREFIX, "name": "Evergreen"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012 - Airflow's base class declares plain lists
        {
            "name": "Evergreen",
            "href": f"{href()}/",
            "icon": f"{href()}/icon.svg",
            "destination": "nav",
            "url_route": "evergreen",
            "nav_top_level": True,
        }
    ]

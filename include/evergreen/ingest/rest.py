"""A JSON endpoint of an HTTP API, page by page.

Paging by cursor: the answer is `{<records>: [...], "next": <token or null>}` and the token goes back as `cursor`, with
`limit` as the page size. Incremental reading sends `since` and `until` (ISO times in UTC, both ends included).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.errors import bounded
from evergreen.ingest.errors import SourceRefused, did_you_mean
from evergreen.ingest.fit import Fitted, fit
from evergreen.ingest.http import Api, Param
from evergreen.ingest.parsed import Parsed
from evergreen.ingest.records import records_frame
from evergreen.ingest.request import BROKEN_SCHEMA, Request
from evergreen.ingest.unify import unify
from evergreen.ingest.window import Newest, iso, low_end
from evergreen.spec.sources import RestSource
from evergreen.table import TIME

_MOST_PAGES = 100_000


class RestReader:
    """Reads all pages from the cursor up to the data time."""

    def __init__(self, request: Request, spec: RestSource) -> None:
        self._request, self._spec = request, spec
        self._broken: list[tuple[str, int, str]] = []
        self._newest = Newest(request.cursor)

    @property
    def cursor(self) -> JsonObject:
        """The newest `by` ever seen."""
        return self._newest.cursor

    @property
    def broken(self) -> pl.DataFrame:
        """Rows that do not fit: `file` is the endpoint, `line` the row's number in order of arrival."""
        return pl.DataFrame(sorted(self._broken), schema=BROKEN_SCHEMA, orient="row")

    def columns(self) -> list[str] | None:
        """The columns of the first row; None while there is none."""
        with self._api() as api:
            params = dict(self._spec.params) | ({"limit": 1} if self._spec.paginate == "cursor" else {})
            rows, _ = self._page(api.get(self._spec.endpoint, params))
        return list(rows[0]) if rows and isinstance(rows[0], dict) else None

    def frames(self) -> Generator[pl.DataFrame]:
        """All rows as one frame, because a column's type goes by all its values; nothing when there are no rows.

        Rows that come twice because pages repeat or shift are taken once; `by` after the data time is left out.
        """
        pages = [Parsed(records_frame(page)) for page in self._pages()]
        if not any(page.frame.width for page in pages):
            return
        frame, _ = unify([page for page in pages if page.frame.width])
        fitted = fit(frame, self._request, "loose")
        misfits = fitted.broken
        by = self._spec.incremental.by if self._spec.incremental is not None else None
        if by is not None and by in frame.columns:
            for row in fitted.frame[by].is_null().arg_true():
                misfits.setdefault(row, f"column `{by}` is empty, so the row has no place in time")
        self._broken += [(self._spec.endpoint, row + 1, reason) for row, reason in misfits.items()]
        good = Fitted(fitted.frame, misfits).good.unique(maintain_order=True)
        if by is not None and by in good.columns:
            if good.schema[by] == TIME:
                good = good.filter(pl.col(by) <= self._request.until)
            self._newest.see(good[by])
        yield good

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        """Each page's rows. Raises SourceRefused for an answer of another form and for pages that never end."""
        seen: set[str] = set()
        params = self._params()
        taken = 0
        with self._api() as api:
            for _ in range(_MOST_PAGES):
                rows, token = self._page(api.get(self._spec.endpoint, params))
                wrong = [n for n, row in enumerate(rows, taken + 1) if not isinstance(row, dict)]
                if wrong:
                    raise self._refused(f"{len(wrong)} rows are not JSON objects, the first is row {wrong[0]}")
                taken += len(rows)
                yield rows
                if token is None:
                    return
                if token in seen:
                    raise self._refused("a page names as the next one a page that was there already, without end")
                seen.add(token)
                params = params | {"cursor": token}
        raise self._refused(f"more than {_MOST_PAGES} pages; raise `page_size`, or read by `incremental`")

    def _params(self) -> dict[str, Param]:
        params: dict[str, Param] = dict(self._spec.params)
        if self._spec.paginate == "cursor":
            params["limit"] = self._spec.page_size
        if self._spec.incremental is not None:
            since = low_end(self._request.cursor, self._spec.incremental, self._request.where)
            numeric = self._spec.types.get(self._spec.incremental.by) in ("int64", "float64")
            if since is not None:
                params["since"] = iso(since) if isinstance(since, datetime) else since
            if not numeric and not isinstance(since, int | float):
                params["until"] = iso(self._request.until)
        return params

    def _page(self, answer: Any) -> tuple[list[Any], str | None]:
        """The rows and the next page's token of an answer."""
        if isinstance(answer, list) and self._spec.paginate == "none":
            return answer, None
        if not isinstance(answer, dict):
            raise self._refused("the answer is not a JSON object")
        key = self._spec.records
        if key not in answer:
            has = bounded(f"`{name}`" for name in answer) or "nothing"
            raise self._refused(
                f"the answer has no `{key}`{did_you_mean(key, list(answer))}; it has {has}. "
                f"Say under `sources.{self._request.source}.records` where the rows are"
            )
        rows = answer[key]
        if not isinstance(rows, list):
            raise self._refused(f"`{key}` of the answer is not a list")
        if self._spec.paginate == "none":
            return rows, None
        token = answer.get("next")
        if token is not None and not isinstance(token, str | int):
            raise self._refused("`next` of the answer is neither text, number nor null")
        return rows, None if token in (None, "") else str(token)

    def _api(self) -> Api:
        connection = self._request.connect(self._spec.connection)
        return Api(connection, self._request.where, self._request.sleep)

    def _refused(self, what: str) -> SourceRefused:
        return SourceRefused(
            f"{self._request.where}: {self._spec.endpoint} of connection `{self._spec.connection}`: {what}"
        )

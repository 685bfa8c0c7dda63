"""A database's exact numbers (`numeric`, `decimal`): read with every digit where a float would merge ids."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from evergreen.ingest.errors import SchemaChanged
from evergreen.ingest.request import Request
from evergreen.ingest.types import cast


def read_as_text(request: Request, name: str, scale: int | None) -> bool:
    """Whether a column of exact numbers is taken as text first; `scale`: digits after the point, None if not told.

    A whole number in the key is, and what `types` says is text or whole.
    """
    spec = request.use_case.sources[request.source]
    said = spec.types.get(name)
    return said in ("string", "int64") or (said is None and name in spec.key and not scale)


def whole_keys(frame: pl.DataFrame, texts: Collection[str], request: Request) -> pl.DataFrame:
    """The frame with those of the columns in `texts` that are in the key, and whose type nobody said, as whole numbers.

    Raises SchemaChanged where a number is not whole, or too large for 64 bits.
    """
    types = request.use_case.sources[request.source].types
    for name in texts:
        if name in types:
            continue
        whole = frame.select(cast(name, pl.String(), pl.Int64()))[name]
        if whole.null_count() > frame[name].null_count():
            raise SchemaChanged(
                f"{request.where}: column `{name}` is in the key and holds numbers that are not whole, or too long for "
                f"64 bits. Say `{name}: string` under `sources.{request.source}.types`"
            )
        frame = frame.with_columns(whole)
    return frame

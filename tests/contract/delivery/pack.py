"""Package a model by the library that is on the path, as another Evergreen would. Usage: pack.py PLAN (JSON)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl

import evergreen
from evergreen.artifacts import ModelVersion
from evergreen.delivery.package import package


def main() -> None:
    plan = json.loads(sys.argv[1])
    bento = package(
        "small_flights",
        Path(plan["folder"]),
        ModelVersion.model_validate(plan["model"]),
        store=Path(plan["store"]),
        source_root=Path(evergreen.__path__[0]).parent,
        example=pl.read_parquet(plan["example"]),
    )
    print(bento.model_dump_json())


if __name__ == "__main__":
    main()

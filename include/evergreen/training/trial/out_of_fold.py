"""Predictions of rows that were not learned from, kept for what is decided after the search."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evergreen.hashing import check_file, file_sha256


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """`positions` of n rows to learn from, and the n (or n × k) `shares` that a model which had not seen them gave."""

    positions: Any
    shares: Any


def write_out_of_fold(folder: Path, name: str, folds: Sequence[OutOfFold]) -> tuple[str, str]:
    """Write the folds' predictions as `<name>.npz`, whole or not at all; the file's name and its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    path, partly = folder / f"{name}.npz", folder / f".{name}.{os.getpid()}.part"
    with partly.open("wb") as file:
        np.savez(
            file,
            fold=np.repeat(np.arange(len(folds)), [len(fold.positions) for fold in folds]),
            positions=np.concatenate([fold.positions for fold in folds]),
            shares=np.concatenate([fold.shares for fold in folds]),
        )
    sha256 = file_sha256(partly)
    partly.replace(path)
    return path.name, sha256


def read_out_of_fold(path: Path, sha256: str) -> list[OutOfFold]:
    """What was written, a fold each. Raises FileChanged where the file is not the one that was written."""
    check_file(path, sha256)
    with np.load(path) as kept:
        fold, positions, shares = kept["fold"], kept["positions"], kept["shares"]
    return [OutOfFold(positions[fold == index], shares[fold == index]) for index in range(int(fold.max()) + 1)]


def joined(folds: Sequence[OutOfFold]) -> OutOfFold:
    """The folds' predictions one after another. Of a row that several folds have judged (`repeated`) the first counts:
    as often as it is there, it is one observation.
    """
    positions = np.concatenate([fold.positions for fold in folds])
    first = np.sort(np.unique(positions, return_index=True)[1])
    return OutOfFold(positions[first], np.concatenate([fold.shares for fold in folds])[first])

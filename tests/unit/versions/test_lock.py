from __future__ import annotations

from pathlib import Path

import pytest

from evergreen.errors import TransientError
from evergreen.versions.lock import locked


def test_a_lock_held_for_long_is_transient(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path), pytest.raises(TransientError, match="held by another process"), locked(path, patience=0.05):
        pass
    with locked(path):
        pass


def test_readers_share_a_lock_and_a_writer_waits_for_them(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = pytest.raises(TransientError, match="held by another process")
    with locked(path, shared=True), locked(path, shared=True), held, locked(path, patience=0.05):
        pass

from __future__ import annotations

import base64
import stat
from pathlib import Path

from evergreen.local.secrets import fernet_key, jwt_secret, secret, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_private(tmp_path: Path):
    folder = tmp_path / "secrets"
    first = secret(folder, "key")
    assert len(first) == 32
    assert secret(folder, "key") == first
    assert mode(folder) == 0o700
    assert mode(folder / "key") == 0o600
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_of_two_writers_the_first_wins_when_told_so(tmp_path: Path):
    write_private(tmp_path / "s" / "key", "one")
    write_private(tmp_path / "s" / "key", "two", replace=False)
    assert (tmp_path / "s" / "key").read_text() == "one"
    write_private(tmp_path / "s" / "key", "three")
    assert (tmp_path / "s" / "key").read_text() == "three"


def test_keys_have_the_length_their_use_asks_for():
    assert len(base64.urlsafe_b64decode(fernet_key())) == 32
    assert len(jwt_secret().encode()) >= 64
